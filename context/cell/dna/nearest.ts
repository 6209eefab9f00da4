import { distance } from 'fastest-levenshtein'

/**
 * Finds the word that was probably meant.
 *
 * @returns the candidate with the smallest edit distance, or nothing if none is close
 */
export function findNearest(word: string, candidates: Iterable<string>): string | undefined {
  // Two edits turn "prot" into "port", but would turn a word of three letters into too many others.
  const most = word.length < 4 ? 1 : Math.ceil(word.length * 0.4)
  let nearest: string | undefined
  let fewest = most + 1
  for (const candidate of candidates) {
    const changes = distance(word.toLowerCase(), candidate.toLowerCase())
    if (changes < fewest) [nearest, fewest] = [candidate, changes]
  }
  return nearest
}

/** The end of a message about an unknown word: `, did you mean "port"?`, or an empty string. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const nearest = findNearest(word, candidates)
  return nearest === undefined ? '' : `, did you mean "${nearest}"?`
}
