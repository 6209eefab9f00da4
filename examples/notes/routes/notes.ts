import { guard, guarded, pagesOf, type Routes } from 'organic-sessions-cell/routes'

/** `/notes`: a page with the notes of the user, and a form to write one. */
export = function (plasma: Organic.Plasma): Routes {
  const pages = pagesOf(plasma)
  return {
    '* *': guard(plasma),

    GET: guarded(async (req, res) => {
      const { id, username } = req.user
      const data = { title: 'Your notes', username, notes: await plasma.notes.list(id) }
      pages.send(req, res, { template: 'notes', data })
    }),
    POST: guarded(async (req, res) => {
      const { text } = req.body as { text?: unknown }
      await plasma.notes.write(req.user.id, text)
      res.redirect(303, '/notes')
    }),
  }
}
