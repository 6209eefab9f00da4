import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'
import { z } from 'zod'
import { blameKey } from './dna/error'
import { resolvePath } from './root'

/** Bytes that may wait to be written. More are lost. */
const MAX_QUEUE = 1_048_576
/** How long the end of the cell waits for lines that are not written yet, in milliseconds. */
const END_TIMEOUT = 1000

/** Where lines are written. Lines that cannot be written are lost with a warning; nothing waits for them. */
export interface Destination {
  write(line: string): void
  /** Settles when everything is written, or nobody reads it. */
  end(): Promise<void>
}

/** The schema of a `destination`: a file that lines are appended to, relative to the cell's root, or `stdout` or `stderr`. */
export const destinationDna = z
  .string('expected a path, "stdout" or "stderr"')
  .min(1, 'must not be empty')
  .refine((destination) => isStream(destination) || /[/\\]/.test(destination), {
    error: ({ input }) =>
      `"${String(input)}" is neither "stdout" nor "stderr": for a file of that name write "./${String(input)}"`,
  })
  .default('stdout')

/**
 * Opens what an organelle's `destination` names.
 *
 * @throws {DnaError} if it cannot be opened
 */
export function openDestination(plasma: Organic.Plasma, destination: string): Destination {
  if (isStream(destination)) return openStreamDestination(process[destination])
  return blameKey('destination', () => openFileDestination(resolvePath(plasma, destination)))
}

function isStream(destination: string): destination is 'stdout' | 'stderr' {
  return destination === 'stdout' || destination === 'stderr'
}

/**
 * Opens a file that lines are appended to synchronously, so that none is lost if the process is killed.
 *
 * @param dest absolute path
 * @throws {Error} if it cannot be opened
 */
export function openFileDestination(dest: string): Destination {
  if (statSync(dest, { throwIfNoEntry: false })?.isFIFO())
    throw new Error(`${dest} is a pipe, whose reader could stop the cell: expected a file`)
  // Nothing else may have created the data folder yet.
  mkdirSync(dirname(dest), { recursive: true, mode: 0o700 })
  const file = pino.destination({ dest, sync: true, mode: 0o600, maxLength: MAX_QUEUE })
  const warn = warnOnce()
  file.on('error', (error: Error) => warn(error.message))
  return {
    write: (line) => file.write(line),
    end: () =>
      new Promise((resolve) => {
        // On a full disk, it never closes.
        setTimeout(resolve, END_TIMEOUT).unref()
        file.once('close', resolve)
        file.end()
      }),
  }
}

/** Opens the process's own output. Never waits for its reader, as Node would with a pipe. */
export function openStreamDestination(stream: NodeJS.WriteStream): Destination {
  const { _handle: handle } = stream as unknown as { _handle?: { setBlocking?(isBlocking: boolean): void } }
  handle?.setBlocking?.(false)
  const warn = warnOnce()
  let isTorn = false
  const onError = (error: Error): void => {
    isTorn = true
    warn(error.message)
  }
  stream.on('error', onError)
  return {
    write(line) {
      if (stream.writableLength > MAX_QUEUE) {
        warn('nobody reads them')
        return
      }
      // After an error, the stream may end in half a line, which must not swallow this one.
      stream.write(isTorn ? `\n${line}` : line)
      isTorn = false
    },
    async end() {
      const deadline = Date.now() + END_TIMEOUT
      while (stream.writableLength > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
      stream.off('error', onError)
    },
  }
}

/** One warning for consecutive lines that are lost for the same reason. */
function warnOnce(): (why: string) => void {
  let last: string | undefined
  return (why) => {
    if (why !== last) process.emitWarning(`a log line could not be written: ${why}`)
    last = why
  }
}
