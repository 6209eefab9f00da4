import { resolve } from 'node:path'
import pino, { type DestinationStream, type Logger } from 'pino'
import { z } from 'zod'
import { DnaError, checkDna, messageOf, organelleDna } from '../../context/errors'
import { OUTCOMES, lineOf } from './line'

const auditDna = z.strictObject({
  source: organelleDna.source,
  /** A file that lines are added to, relative to the working directory, or `stdout`. */
  destination: z.string('expected a path, or "stdout"').min(1, 'must not be empty').default('stdout'),
})

/**
 * Writes every login, failure, logout and denial as a line of JSON (OWASP ASVS 16.3.1), at once: what was answered is
 * written also where the process is killed. A line that cannot be written is a warning, and stops nobody.
 */
function audit(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { destination } = checkDna(auditDna, dna)
  const log = open(destination)
  for (const [type, outcome] of Object.entries(OUTCOMES)) {
    const level = outcome === 'success' ? 'info' : 'warn'
    plasma.on(type, (chemical: Organic.Chemical) => {
      log[level](lineOf(chemical, outcome))
    })
  }
}

function open(destination: string): Logger {
  let stream: DestinationStream
  try {
    const dest = destination === 'stdout' ? 1 : resolve(destination)
    const opened = pino.destination({ dest, sync: true, mkdir: true, mode: 0o600 })
    opened.on('error', (error: Error) => {
      process.emitWarning(`an audit line could not be written: ${error.message}`)
    })
    stream = opened
  } catch (cause) {
    throw new DnaError('destination', messageOf(cause), { cause })
  }
  return pino({ base: null, timestamp: false, formatters: { level: (level) => ({ level }) } }, stream)
}

export = audit
