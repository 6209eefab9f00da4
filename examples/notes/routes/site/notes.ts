import { LoginRequired } from 'organic-sessions-cell/cell'
import type { Routes } from 'organic-sessions-cell/routes'

/** `/notes`: a page with the notes of who is logged in, and a form to write one. */
export = function (plasma: Organic.Plasma): Routes {
  const findUser = async (session: object): Promise<{ id: string; username: string }> => {
    const user = await plasma.sessions(session).user()
    if (!user) throw new LoginRequired()
    return user
  }

  return {
    GET: async (req, res) => {
      const { id, username } = await findUser(req.session)
      const items = (await plasma.notes.list(id)).map(({ text }) => `<li>${escapeHtml(text)}</li>`)
      res.type('html').send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Notes</title>
<link rel="stylesheet" href="/style.css">
<h1>Notes of ${escapeHtml(username)}</h1>
<form method="post" action="/notes"><label>Note <input name="text" required></label><button>Write</button></form>
<ul>${items.join('\n')}</ul>
</html>`)
    },
    POST: async (req, res) => {
      const { id } = await findUser(req.session)
      const { text } = Object(req.body) as { text?: unknown }
      await plasma.notes.write(id, text)
      res.redirect(303, '/notes')
    },
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
