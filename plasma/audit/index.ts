import pino from 'pino'
import { z } from 'zod'
import { DnaError, checkDna, messageOf, organelleDna } from '../../context/errors'
import { fileDestination, streamDestination, type Destination } from './destination'
import { OUTCOMES, lineOf } from './line'

const auditDna = z.strictObject({
  source: organelleDna.source,
  /** A file that lines are added to, relative to the working directory, or `stdout` or `stderr`. */
  destination: z.string('expected a path, "stdout" or "stderr"').min(1, 'must not be empty').default('stdout'),
})

/** Writes every login, failure, logout and denial as a line of JSON (OWASP ASVS 16.3.1). */
function audit(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const destination = open(checkDna(auditDna, dna).destination)
  const log = pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, destination)
  for (const [type, outcome] of Object.entries(OUTCOMES)) {
    const level = outcome === 'success' ? 'info' : 'warn'
    plasma.on(type, (chemical: Organic.Chemical) => {
      log[level](lineOf(chemical, outcome))
    })
  }
  plasma.on('killed', () => destination.end())
}

function open(destination: string): Destination {
  try {
    return destination === 'stdout' || destination === 'stderr' ? streamDestination(process[destination]) : fileDestination(destination)
  } catch (cause) {
    throw new DnaError('destination', messageOf(cause), { cause })
  }
}

audit.dnaSchema = auditDna

export = audit
