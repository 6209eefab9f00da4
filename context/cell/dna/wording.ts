import { distance } from 'fastest-levenshtein'
import type { z } from 'zod'

const TYPES: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
}

/**
 * The message of an issue whose schema has none: says what is expected. Never repeats the value, which may be secret.
 * Unknown keys get a line each.
 */
export function describeIssue(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined)
        return issue.expected in TYPES ? `is missing, expected ${TYPES[issue.expected]}` : 'is missing'
      return `expected ${TYPES[issue.expected] ?? issue.expected}`
    case 'unrecognized_keys': {
      const { shape = {} } = (issue.inst?._zod.def ?? {}) as { shape?: object }
      return issue.keys.map((key) => `unknown key${didYouMean(key, Object.keys(shape))}`).join('\n')
    }
    case 'invalid_value': {
      const known = issue.values.map((value) => (typeof value === 'string' ? `"${value}"` : String(value)))
      const strings = issue.values.filter((value) => typeof value === 'string')
      return `expected ${known.join(' or ')}${typeof issue.input === 'string' ? didYouMean(issue.input, strings) : ''}`
    }
    case 'too_small':
      if (issue.origin === 'string' && Number(issue.minimum) === 1) return 'must not be empty'
      return sizeOf(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return sizeOf(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_format':
      return issue.format === 'url' ? 'expected a URL' : 'has another form than expected'
    case 'invalid_union':
      return `expected ${[...new Set(issue.errors.flatMap((issues) => issues.slice(0, 1).map(({ message }) => message.replace(/^expected /, ''))))].join(', or ')}`
    default:
      return 'is not what is expected here'
  }
}

function sizeOf(origin: string, how: string, limit: number | bigint): string {
  if (origin === 'string') return `must have ${how} ${limit} characters`
  if (origin === 'array') return `must have ${how} ${limit} ${Number(limit) === 1 ? 'entry' : 'entries'}`
  return `must be ${how} ${limit}`
}

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
