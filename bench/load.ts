import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { START } from '../test/support/process'
import type { HashingOptions, Lap, LoadCommand, LoadOptions } from './load-protocol'

/** Milliseconds between polls for the first answer. */
const POLL_INTERVAL = 20

/**
 * Sends requests from a process of its own, which checks every answer.
 *
 * @example
 * load.start(options)
 * await wait(1000)
 * await load.lap() // of the warm-up
 * await wait(5000)
 * const { latencies } = await load.lap()
 * await load.stop()
 */
export class Load {
  readonly #child: ChildProcess

  /** @param pin a command that runs the process on some cores only, as `chooseCores` gives it */
  constructor(pin: readonly string[] = []) {
    const [execPath = '', ...execArgv] = [...pin, ...START]
    this.#child = fork(join(__dirname, 'load-process.ts'), { execPath, execArgv })
  }

  start(options: LoadOptions | HashingOptions): void {
    this.#tell({ start: options })
  }

  /**
   * What has happened since the last lap, or since the start. Waits until something has been answered: on a busy machine, a
   * short round might have no answer, and so no rate.
   *
   * @throws {Error} if an answer was not as expected
   */
  async lap(): Promise<Lap> {
    let seconds = 0
    for (;;) {
      const lap = (await this.#ask({ lap: true })) as Lap
      if (lap.wrong.length > 0) throw new Error(`wrong answers: ${lap.wrong.join('; ')}`)
      seconds += lap.seconds
      if (lap.latencies.length > 0) return { ...lap, seconds }
      await wait(POLL_INTERVAL)
    }
  }

  async stop(): Promise<void> {
    await this.#ask({ stop: true })
  }

  /** Ends the process. */
  close(): void {
    if (this.#child.connected) this.#child.disconnect()
  }

  async #ask(command: LoadCommand): Promise<unknown> {
    const answer = once(this.#child, 'message')
    this.#tell(command)
    return ((await answer) as unknown[])[0]
  }

  #tell(command: LoadCommand): void {
    this.#child.send(command)
  }
}
