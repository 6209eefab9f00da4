import escapeHtml from 'escape-html'
import { page } from '../../context/page'
import { checkSessions } from '../../context/plasma'
import { PASSWORD_LENGTH } from '../../context/passwords'
import type { Actor } from '../../plasma/sessions/types'
import type { RouteDna, Routes } from '../declarations'

/** The start page: says who is logged in, with the forms to change that. Works without scripts. */
export = function (plasma: Organic.Plasma, { options = {} }: RouteDna): Routes {
  checkSessions(plasma)
  const { registration = true } = options
  return {
    'GET /': function (req, res, next) {
      const sessions = plasma.sessions(req.session)
      sessions.user(function (err, user) {
        if (err) return next(err)
        const { ownerModel } = plasma.sessions
        const { nameKey = 'username' } = ownerModel.kind ?? {}
        const { id, [nameKey]: name = id } = (user ?? {}) as Record<string, string>
        const body = user
          ? loggedIn(String(name), sessions.actor(), ownerModel.changePassword !== undefined && !user.trustPoint)
          : loggedOut(nameKey, registration, sessions.remembers())
        res.type('html').send(page('Organic cell', body))
      })
    },
  }
}

function loggedIn(name: string, actor: Actor | undefined, hasPassword: boolean): string {
  const through = actor ? ` through the application <code>${escapeHtml(String(actor.id))}</code>` : ''
  return `<p>You are logged in as <strong>${escapeHtml(name)}</strong>${through}.</p>
<form method="post" action="/api/logout"><button>Log out</button></form>
${hasPassword ? passwordForm(name) : ''}`
}

function loggedOut(nameKey: string, registration: boolean, remembers: boolean): string {
  const remember = remembers ? '<label class="box"><input name="remember" type="checkbox"> Remember me on this device</label>' : ''
  return `<p>Nobody is logged in.</p>
${form('Log in', '/api/login', `${nameInput(nameKey)}${passwordInput('Password', 'password', 'current-password')}${remember}`)}
${registration ? form('Register', '/api/register', `${nameInput(nameKey)}${passwordInput('Password', 'password', 'new-password')}`) : ''}`
}

function passwordForm(name: string): string {
  // For password managers: it is not sent.
  const whose = `<input autocomplete="username" value="${escapeHtml(name)}" hidden readonly>`
  const current = passwordInput('Current password', 'currentPassword', 'current-password')
  return form('Change password', '/api/password', `${whose}${current}${passwordInput('New password', 'newPassword', 'new-password')}`)
}

function form(title: string, action: string, inputs: string): string {
  return `<form method="post" action="${action}">
<h2>${title}</h2>
${inputs}<button>${title}</button>
</form>`
}

function nameInput(nameKey: string): string {
  const label = nameKey.charAt(0).toUpperCase() + nameKey.slice(1)
  return `<label>${label} <input name="${nameKey}" autocomplete="username" maxlength="64" required></label>
`
}

function passwordInput(label: string, name: string, autocomplete: string): string {
  return `<label>${label} <input name="${name}" type="password" autocomplete="${autocomplete}" maxlength="${PASSWORD_LENGTH.max}" required></label>
`
}
