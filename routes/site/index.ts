import escapeHtml from 'escape-html'
import { STYLESHEET, page } from '../../context/page'
import type { Routes } from '../declarations'

/** The start page: says who is logged in, with the forms to change that. Works without scripts. */
export = function (plasma: Organic.Plasma): Routes {
  return {
    'GET /': function (req, res, next) {
      plasma.sessions(req.session).user(function (err, user) {
        if (err) return next(err)
        res.type('html').send(page('Organic cell', user ? loggedIn(user.username) : LOGGED_OUT))
      })
    },

    'GET /style.css': function (_req, res) {
      res.type('css').set('Cache-Control', 'public, max-age=3600').send(STYLESHEET)
    },
  }
}

function loggedIn(username: string): string {
  return `<p>You are logged in as <strong>${escapeHtml(username)}</strong>.</p>
<form method="post" action="/api/logout"><button>Log out</button></form>`
}

const LOGGED_OUT = `<p>Nobody is logged in.</p>
${form('Log in', '/api/login', 'current-password')}
${form('Register', '/api/register', 'new-password')}`

function form(title: string, action: string, autocomplete: string): string {
  return `<form method="post" action="${action}">
<h2>${title}</h2>
<label>Username <input name="username" autocomplete="username" maxlength="64" required></label>
<label>Password <input name="password" type="password" autocomplete="${autocomplete}" minlength="8" maxlength="256" required></label>
<button>${title}</button>
</form>`
}
