import { distance } from 'fastest-levenshtein'

/**
 * Finds what somebody may have meant.
 *
 * @returns the candidate that takes the fewest changes of letters; nothing where every one takes too many
 */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  // Two changes turn "prot" into "port", but any word of three letters into many others.
  const most = word.length < 4 ? 1 : Math.ceil(word.length * 0.4)
  let nearest: string | undefined
  let fewest = most + 1
  for (const candidate of candidates) {
    const changes = distance(word.toLowerCase(), candidate.toLowerCase())
    if (changes < fewest) [nearest, fewest] = [candidate, changes]
  }
  return nearest
}

/** The end of a message about a word that is not known: `, did you mean "port"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = findNearest(word, candidates)
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`
}
