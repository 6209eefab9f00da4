import escapeHtml from 'escape-html'
import { z } from 'zod'
import { checkDna, idOf, urlPrefix } from '../../context/cell'
import { renderPage } from '../../context/http/page'
import { checkSessions } from '../check-sessions'
import { PASSWORD_LENGTH } from '../../context/owners/passwords'
import type { Actor } from '../../plasma/sessions/login-record'
import type { Owner } from '../../plasma/sessions/owner-model'
import type { Routes } from '../declarations'

const siteRoutesDna = z.object({
  options: z
    .strictObject({
      api: urlPrefix.default('/api').describe("Where the forms post to: prefix of the API's URLs."),
      registration: z
        .boolean()
        .default(true)
        .describe('Whether the page has a registration form, if the owner model has register.'),
    })
    .prefault({}),
})

/** The start page: says who is logged in, and has the forms to change that. Works without scripts. */
function siteRoutes(plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  checkSessions(plasma)
  const { api, registration } = checkDna(siteRoutesDna, dna).options
  const { ownerModel } = plasma.sessions
  const { nameKey = 'username', passwordKey = 'password' } = ownerModel.kind ?? {}
  return {
    'GET /': function (req, res, next) {
      const sessions = plasma.sessions(req.session)
      sessions.user(function (err, user) {
        if (err) return next(err)
        const body = user ? renderLoggedIn(user, sessions.actor()) : renderLoggedOut(sessions.remembers())
        res.type('html').send(renderPage('Organic cell', body))
      })
    },
  }

  function renderLoggedIn(user: Owner, actor: Actor | undefined): string {
    const { [nameKey]: ownName } = user as unknown as Record<string, unknown>
    const name = escapeHtml(String(ownName ?? idOf(user)))
    const through = actor ? ` through the application <code>${escapeHtml(String(actor.id))}</code>` : ''
    return `<p>You are logged in as <strong>${name}</strong>${through}.</p>
<form method="post" action="${api}/logout"><button>Log out</button></form>
${ownerModel.changePassword && !user.trustPoint ? passwordForm(name) : ''}`
  }

  function renderLoggedOut(remembers: boolean): string {
    const remember = remembers
      ? '<label class="box"><input name="remember" type="checkbox"> Remember me on this device</label>'
      : ''
    const fields = (autocomplete: string): string =>
      nameInput(nameKey) + passwordInput(labelOf(passwordKey), passwordKey, autocomplete)
    return `<p>You are not logged in.</p>
${form('Log in', `${api}/login`, fields('current-password') + remember)}
${registration && ownerModel.register ? form('Register', `${api}/register`, fields('new-password')) : ''}`
  }

  /** @param name HTML */
  function passwordForm(name: string): string {
    // For password managers. It has no name, so browsers do not send it.
    const username = `<input autocomplete="username" value="${name}" hidden readonly>`
    const current = passwordInput('Current password', 'currentPassword', 'current-password')
    const next = passwordInput('New password', 'newPassword', 'new-password')
    return form('Change password', `${api}/password`, username + current + next)
  }
}

/** The options in the DNA, for editors and the reference. */
siteRoutes.dnaSchema = siteRoutesDna as z.ZodType

export = siteRoutes

function form(title: string, action: string, inputs: string): string {
  return `<form method="post" action="${action}">
<h2>${title}</h2>
${inputs}<button>${title}</button>
</form>`
}

function nameInput(key: string): string {
  return `<label>${labelOf(key)} <input name="${escapeHtml(key)}" autocomplete="username" maxlength="256" required></label>
`
}

function passwordInput(label: string, key: string, autocomplete: string): string {
  return `<label>${label} <input name="${escapeHtml(key)}" type="password" autocomplete="${autocomplete}" maxlength="${PASSWORD_LENGTH.max}" required></label>
`
}

/** The label of a field of the owner model, as HTML. */
function labelOf(key: string): string {
  return escapeHtml(key.charAt(0).toUpperCase() + key.slice(1))
}
