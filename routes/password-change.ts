import type { Request } from 'express'
import { Problem, clientOf, codeOf, emitEvent, idOf } from '../context/cell'

/**
 * Changes the password of the user of a guarded request (OWASP ASVS 6.2.3), ends their other sessions (7.4.3), and emits
 * `PasswordChanged` or `PasswordChangeFailed`.
 *
 * @throws {Problem} 404 if the owner model cannot do it, 400 for anything but strings, and whatever the model throws
 */
export async function changePassword(plasma: Organic.Plasma, req: Request): Promise<void> {
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
}

/** No object may reach a model as a password: in a document database, `{ "$ne": null }` matches any. */
function checkStrings(change: unknown): void {
  if (Object.values(Object(change) as object).some((value) => typeof value !== 'string'))
    throw new Problem(400, 'INVALID_PASSWORD_CHANGE', 'Each password must be a string.')
}
