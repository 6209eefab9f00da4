import pino from 'pino'
import { z } from 'zod'
import { networkOf } from '../../context/http/network'
import { DnaError, checkDna, messageOf, organelleDna } from '../../context/cell'
import { resolvePath } from '../../context/cell/root'
import { LineLimit } from '../../context/cell/line-limit'
import { fileDestination, streamDestination, type Destination } from './destination'
import { OUTCOMES, lineOf, omissionOf, type Outcome } from './line'

const auditDna = z.strictObject({
  source: organelleDna.source,
  /** A file that lines are added to, relative to the working directory, or `stdout` or `stderr`. */
  destination: z
    .string('expected a path, "stdout" or "stderr"')
    .min(1, 'must not be empty')
    .refine((destination) => isStream(destination) || /[/\\]/.test(destination), {
      error: ({ input }) =>
        `"${String(input)}" is neither "stdout" nor "stderr": for a file of that name write "./${String(input)}"`,
    })
    .default('stdout'),
  /** Lines written per event and address in each window. The rest are only counted. */
  linesPerAddress: z.int('expected a number of lines').min(1).default(60),
  /** Length of a window. */
  windowSeconds: z
    .int('expected whole seconds')
    .min(1)
    .max(24 * 60 * 60)
    .default(60),
})

/** An event from one address. */
interface Source {
  event: string
  outcome: Outcome
  /** An IPv4 address or an IPv6 /64. Nothing if the client had disconnected before its address was read. */
  address: string | undefined
}

/**
 * Writes every login, failure, logout and denial as a line of JSON (OWASP ASVS 16.3.1). Lines are capped per event and
 * address so that nobody can fill the disk; one `AuditLinesOmitted` line counts the rest.
 */
function audit(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(auditDna, dna)
  const destination = open(plasma, checked.destination)
  const log = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, destination)
  const limit = new LineLimit<Source>(checked.linesPerAddress, checked.windowSeconds * 1000, (source, count) => {
    log.warn(omissionOf(source, count))
  })
  for (const [event, outcome] of Object.entries(OUTCOMES)) {
    const level = outcome === 'success' ? 'info' : 'warn'
    plasma.on(event, (chemical: Organic.Chemical) => {
      const network = networkOf(chemical['address'])
      // The successes of each owner are counted apart: nobody hides a stolen login behind many of their own.
      const owner = outcome === 'success' ? String(chemical['ownerId']) : ''
      if (limit.admit(`${event} ${network ?? ''} ${owner}`, { event, outcome, address: network }))
        log[level](lineOf(chemical, outcome))
    })
  }
  plasma.on('killed', () => {
    limit.end()
    return destination.end()
  })
}

function isStream(destination: string): destination is 'stdout' | 'stderr' {
  return destination === 'stdout' || destination === 'stderr'
}

function open(plasma: Organic.Plasma, destination: string): Destination {
  try {
    return isStream(destination)
      ? streamDestination(process[destination])
      : fileDestination(resolvePath(plasma, destination))
  } catch (cause) {
    throw new DnaError('destination', messageOf(cause), { cause })
  }
}

audit.dnaSchema = auditDna

export = audit
