/** The end of a message about a word that is not known: `, did you mean "port"?`, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const [closest] = [...candidates]
    .map((candidate) => ({ candidate, changes: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ changes }) => changes <= Math.max(1, Math.ceil(word.length * 0.4)))
    .sort((a, b) => a.changes - b.changes)
  return closest ? `, did you mean "${closest.candidate}"?` : ''
}

/** How many characters have to be added, removed or replaced (Levenshtein). */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j += 1) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + Number(a[i] !== b[j])))
    }
    row = next
  }
  return row[b.length] ?? 0
}
