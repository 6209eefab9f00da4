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
        const { nameKey = 'username' } = plasma.sessions.ownerModel.kind ?? {}
        const { id, [nameKey]: name = id } = (user ?? {}) as Record<string, string>
        res.type('html').send(page('Organic cell', user ? loggedIn(String(name), sessions.actor()) : loggedOut(nameKey, registration)))
      })
    },
  }
}

function loggedIn(name: string, actor: Actor | undefined): string {
  const through = actor ? ` through the application <code>${escapeHtml(String(actor.id))}</code>` : ''
  return `<p>You are logged in as <strong>${escapeHtml(name)}</strong>${through}.</p>
<form method="post" action="/api/logout"><button>Log out</button></form>`
}

function loggedOut(nameKey: string, registration: boolean): string {
  return `<p>Nobody is logged in.</p>
${form('Log in', '/api/login', nameKey, 'current-password')}
${registration ? form('Register', '/api/register', nameKey, 'new-password') : ''}`
}

function form(title: string, action: string, nameKey: string, autocomplete: string): string {
  const label = nameKey.charAt(0).toUpperCase() + nameKey.slice(1)
  return `<form method="post" action="${action}">
<h2>${title}</h2>
<label>${label} <input name="${nameKey}" autocomplete="username" maxlength="64" required></label>
<label>Password <input name="password" type="password" autocomplete="${autocomplete}" maxlength="${PASSWORD_LENGTH.max}" required></label>
<button>${title}</button>
</form>`
}
