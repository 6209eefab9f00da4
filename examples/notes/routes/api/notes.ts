import { Problem } from 'organic-sessions-cell/cell'
import { guarded, type Routes } from 'organic-sessions-cell/routes'

/** `/api/notes`: users read, write and delete their own notes. The guard of `/api` is before it. */
export = function ({ notes }: Organic.Plasma): Routes {
  return {
    GET: guarded(async (req, res) => {
      res.response = await notes.list(req.user.id)
    }),
    POST: guarded(async (req, res) => {
      const { text } = req.body as { text?: unknown }
      res.code = 201
      res.response = { id: await notes.write(req.user.id, text) }
    }),
    'DELETE /:id': guarded(async (req, res) => {
      if (!(await notes.remove(req.user.id, String(req.params['id']))))
        throw new Problem(404, 'NOT_FOUND', 'You have no such note.')
      res.status(204).end()
    }),
  }
}
