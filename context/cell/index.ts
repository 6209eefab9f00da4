export { checkDna, organelleDna, urlPrefix } from './dna/check'
export { DnaError, DnaErrors, dnaErrorsOf, throwDnaErrors } from './dna/error'
export { didYouMean, findNearest } from './dna/nearest'
export {
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  isProblem,
  StoreUnavailable,
  type ProblemOptions,
} from './problem'
export { codeOf, firstOf, messageOf } from './thrown'
export { markVariable } from './dna/variable-values'
