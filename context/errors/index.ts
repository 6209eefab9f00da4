export { checkDna, organelleDna } from './check-dna'
export { DnaError } from './dna-error'
export {
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  type ProblemOptions,
} from './problem'
export { firstOf, messageOf } from './thrown'
