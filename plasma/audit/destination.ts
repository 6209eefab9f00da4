import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import pino from 'pino'

/** Bytes that may wait to be written. More are lost. */
const LONGEST_QUEUE = 1_048_576
/** Milliseconds that the end of the cell waits for what is not written yet. */
const LONGEST_END = 1000

/** Where lines are written. What cannot be written is lost with a warning, and stops nobody. */
export interface Destination {
  write(line: string): void
  /** Settles when all is written, or nobody reads it. */
  end(): Promise<void>
}

/**
 * A file that lines are added to, at once: what was answered is written also where the process is killed.
 *
 * @param dest absolute path
 * @throws {Error} when it cannot be opened
 */
export function fileDestination(dest: string): Destination {
  if (statSync(dest, { throwIfNoEntry: false })?.isFIFO())
    throw new Error(`${dest} is a pipe, whose reader could stop the cell: expected a file`)
  // It may come before whatever else makes the folder of the cell's data.
  mkdirSync(dirname(dest), { recursive: true, mode: 0o700 })
  const file = pino.destination({ dest, sync: true, mode: 0o600, maxLength: LONGEST_QUEUE })
  const warn = warnOnce()
  file.on('error', (error: Error) => {
    warn(error.message)
  })
  return {
    write: (line) => file.write(line),
    end: () =>
      new Promise((resolve) => {
        // One that is full keeps what it could not write.
        setTimeout(resolve, LONGEST_END).unref()
        file.once('close', resolve)
        file.end()
      }),
  }
}

/** The process's own output: whoever reads it is not waited for, as Node would do with a pipe. */
export function streamDestination(stream: NodeJS.WriteStream): Destination {
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
      if (stream.writableLength > LONGEST_QUEUE) warn('nobody reads them')
      else stream.write(isTorn ? `\n${line}` : line)
      // Half a line may stand there, and must not take the next one with it.
      isTorn = false
    },
    async end() {
      const deadline = Date.now() + LONGEST_END
      while (stream.writableLength > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
      stream.off('error', onError)
    },
  }
}

/** One warning for as many lines as are lost for one reason. */
function warnOnce(): (why: string) => void {
  let last: string | undefined
  return (why) => {
    if (why !== last) process.emitWarning(`an audit line could not be written: ${why}`)
    last = why
  }
}
