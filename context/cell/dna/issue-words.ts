import type { z } from 'zod'
import { didYouMean } from './nearest'

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
