import { Problem } from '../../context/cell'
import { answerEmpty, answerLogout } from '../../context/http/answer'
import type { Routes } from '../declarations'

/** `/api/sessions`: users list their sessions, and end one or all others (OWASP ASVS 7.5.2). */
export = function (plasma: Organic.Plasma): Routes {
  return {
    GET: async function (req, res) {
      res.json(await plasma.sessions(req.session).list())
    },

    'DELETE /:id': async function (req, res) {
      const isEnded = await plasma.sessions(req.session).end(req.params['id'] ?? '')
      if (!isEnded) throw notFound()
      // It may have been this session.
      if ((req.session as unknown) === undefined) answerLogout(req, res)
      else answerEmpty(req, res)
    },

    DELETE: async function (req, res) {
      // With a slash, the id of one session is missing.
      if (req.path.endsWith('/')) throw notFound()
      await plasma.sessions(req.session).endOthers()
      answerEmpty(req, res)
    },
  }
}

function notFound(): Problem {
  return new Problem(404, 'SESSION_NOT_FOUND', 'You have no such session.')
}
