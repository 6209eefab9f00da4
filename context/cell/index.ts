/** What organelles, routes and owner models need from the cell. The rest of this folder runs the cell itself. */
export { callBack, type Callback } from './callback'
export { emitEvent, type RequestFacts } from './chemicals'
export { clientOf, stripPort, type Client } from './client'
export { Clock, clockOf } from './clock'
export { checkDna, organelleDna, urlPrefix } from './dna/check'
export { DnaError, blameKey, isDnaError } from './dna/error'
export {
  InvalidCredentials,
  InvalidCredentialsShape,
  LoginRequired,
  PROBLEM_CODES,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  isProblem,
  StoreUnavailable,
  TooManyAttempts,
  type ProblemCode,
  type ProblemOptions,
} from './problem'
export { refuseProto } from './json'
export { LineLimit } from './line-limit'
export { Log, logOf, type Level } from './log'
export { idOf } from './owner-id'
export { printable } from './printable'
export { expressAppOf, onceAll, patternsOf, react, serversOf } from './reactions'
export { RecurringErrors } from './recurring-errors'
export { resolvePath } from './root'
export { isSessionStore, ownerKeyOf, type RequestSession, type SessionStore, type StoredSession } from './session-store'
export { codeOf, messageOf, rootOf } from './thrown'
export type { TrustPointStatus } from './trust-points'
