export { DnaError, checkDna } from './dna-error'
export {
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  type ProblemOptions,
} from './problem'
