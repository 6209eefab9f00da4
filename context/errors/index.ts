export { DnaError, checkDna, messageOf } from './dna-error'
export {
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  type ProblemOptions,
} from './problem'
