import { Problem, codeOf, emitEvent, idOf, clientOf } from '../../context/cell'
import { answerEmpty } from '../../context/http/answer'
import type { Routes } from '../declarations'

/** `/api/password`: users change their password (OWASP ASVS 6.2.3), which ends their other sessions (7.4.3). */
export = function (plasma: Organic.Plasma): Routes {
  return {
    POST: async function (req, res) {
      const { ownerModel } = plasma.sessions
      if (!ownerModel.changePassword) throw new Problem(404, 'NOT_FOUND', 'Passwords cannot be changed here.')
      const sessions = plasma.sessions(req.session)
      const ownerId = idOf(req.user)
      const facts = { ownerId, actor: sessions.actor(), ...clientOf(req) }
      let user
      try {
        checkStrings(req.body)
        user = await ownerModel.changePassword(ownerId, req.body)
      } catch (error) {
        emitEvent(plasma, { type: 'PasswordChangeFailed', reason: codeOf(error), ...facts })
        throw error
      }
      emitEvent(plasma, { type: 'PasswordChanged', ...facts })
      await sessions.renew(user)
      answerEmpty(req, res)
    },
  }
}

/** No object may reach a model as a password: in a document database, `{ "$ne": null }` matches any. */
function checkStrings(change: unknown): void {
  if (Object.values(Object(change) as object).some((value) => typeof value !== 'string'))
    throw new Problem(400, 'INVALID_PASSWORD_CHANGE', 'Each password must be a string.')
}
