import pino from 'pino'
import { z } from 'zod'
import { checkDna, organelleDna, clockOf, LineLimit } from '../../context/cell'
import { networkOf } from '../../context/http/network'
import { destinationDna, openDestination } from '../../context/cell/log-destination'
import { OUTCOMES, lineOf, omissionOf, type AuditedEvent, type Source } from './line'

const auditDna = z.strictObject({
  source: organelleDna.source,
  destination: destinationDna.describe(
    "Where logins, failures, logouts and denials are written: stdout, stderr, or a file's path, which needs a slash. A file loses nothing if the process is killed.",
  ),
  linesPerAddress: z
    .int('expected a number of lines')
    .min(1)
    .default(60)
    .describe(
      'Limit on lines per event and address (an IPv6 /64 counts as one) in each window; one AuditLinesOmitted line counts the rest.',
    ),
  windowSeconds: z
    .int('expected whole seconds')
    .min(1)
    .max(86_400)
    .default(60)
    .describe('Length of a window, in seconds.'),
})

/**
 * Writes every login, failure, logout and denial as a line of JSON (OWASP ASVS 16.3.1). Lines are capped per event and
 * address so that nobody can fill the disk; one `AuditLinesOmitted` line counts the rest.
 */
function audit(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(auditDna, dna)
  const destination = openDestination(plasma, checked.destination)
  const clock = clockOf(plasma)
  const log = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, destination)
  const limit = new LineLimit<Source>(checked.linesPerAddress, checked.windowSeconds * 1000, (source, count) =>
    log.warn(omissionOf(source, count, clock.now())),
  )
  for (const event of Object.keys(OUTCOMES) as AuditedEvent[]) {
    const isSuccess = OUTCOMES[event] === 'success'
    plasma.on(event, (chemical: Organic.Chemical) => {
      const { time, address, ownerId } = chemical
      const network = networkOf(address)
      // Successes are counted per owner: nobody can hide a stolen login behind many of their own.
      const key = `${event} ${network ?? ''} ${isSuccess ? String(ownerId) : ''}`
      if (!limit.admit(key, { event, address: network })) return
      log[isSuccess ? 'info' : 'warn'](lineOf(event, chemical, typeof time === 'number' ? time : clock.now()))
    })
  }
  plasma.on('killed', () => {
    limit.end()
    return destination.end()
  })
}

audit.dnaSchema = auditDna

export = audit
