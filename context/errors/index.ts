export { checkDna, organelleDna } from './check-dna'
export { DnaError } from './dna-error'
export { didYouMean } from './nearest'
export {
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  type ProblemOptions,
} from './problem'
export { codeOf, firstOf, messageOf } from './thrown'
