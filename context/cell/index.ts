/** What organelles, routes and owner models need from the cell. The rest of this folder runs the cell itself. */
export { callBack, type Callback } from './callback'
export { emitEvent } from './chemicals'
export { clockOf, type Clock } from './clock'
export { checkDna, organelleDna, urlPrefix } from './dna/check'
export { DnaError } from './dna/error'
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
  type ProblemCode,
  type ProblemOptions,
} from './problem'
export { idOf } from './owner-id'
export { expressAppOf, react } from './reactions'
export { resolvePath } from './root'
export { codeOf, messageOf } from './thrown'
