import { LoginRequired, Problem } from 'organic-sessions-cell/cell'
import type { Routes } from 'organic-sessions-cell/routes'

/** `/api/notes`: users read, write and delete their own notes. */
export = function ({ notes }: Organic.Plasma): Routes {
  return {
    GET: async (req, res) => {
      res.json(await notes.list(idOf(req)))
    },
    POST: async (req, res) => {
      const { text } = Object(req.body) as { text?: unknown }
      res.status(201).json({ id: await notes.write(idOf(req), text) })
    },
    'DELETE /:id': async (req, res) => {
      if (!(await notes.remove(idOf(req), String(req.params['id']))))
        throw new Problem(404, 'NOT_FOUND', 'You have no such note.')
      res.status(204).end()
    },
  }
}

/** The guard of `/api` has set the user. */
function idOf({ user }: { user?: { id: string } }): string {
  if (!user) throw new LoginRequired()
  return user.id
}
