export { checkDna, organelleDna, urlPrefix } from './check-dna'
export { DnaError, DnaErrors, dnaErrorsOf, throwDnaErrors } from './dna-error'
export { didYouMean, findNearest } from './nearest'
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
export { markVariable } from './variable-values'
