import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { assembleCell } from './context/cell/assembly'
import { BootWatch } from './context/cell/boot-watch'
import { checkOrganelles } from './context/cell/check-organelles'
import { Clock } from './context/cell/clock'
import { explainError, readDna, type CellDna, type DnaOptions } from './context/cell/dna'
import { useCompiledPaths } from './context/cell/dna/compiled-paths'
import { EventBus } from './context/cell/event-bus'
import { logFailures } from './context/cell/failure-log'
import { Nucleus } from './context/cell/nucleus'
import type { CellSettings } from './context/cell/settings'
import { Log, logOf } from './context/cell/log'
import { drain, endOnKill, isEnding } from './context/cell/shutdown'
import { firstOf, messageOf } from './context/cell/thrown'

/** Overrides for starting a cell. */
export interface CellOptions {
  /** As in `_test` or `_production+_trusting`. @default the environment variable CELL_MODE */
  mode?: string
  /** Folded over the DNA last. */
  changes?: object
  /** The folder that holds `dna/`, and that paths in DNA are relative to. @default the working directory */
  root?: string
}

/** A running cell. */
export interface Cell {
  readonly plasma: Organic.Plasma
  readonly dna: CellDna
  /** As in `http://127.0.0.1:1337`; undefined without a server. */
  readonly address: string | undefined
  /** Settles when the cell has ended, whoever ended it. */
  readonly stopped: Promise<void>
  /** Serves on for `drainSeconds`, then finishes requests in flight and closes the database. */
  stop(): Promise<void>
}

/**
 * Starts a cell: loads its DNA, builds its organelles and waits until each that has an `emitReady` is ready. If it fails, it
 * leaves nothing running. A process may run any number of cells; they share nothing.
 *
 * @throws {Error} with one line per fault in its message, which names the DNA file and the key
 * @example
 * const cell = await startCell({ mode: '_test', changes: { plasma: { audit: false } } })
 * await fetch(`${cell.address}/api/me`) // 401
 * await cell.stop()
 */
export async function startCell(options: CellOptions = {}): Promise<Cell> {
  const { cell } = await bootCell(options, new BootWatch())
  return cell
}

/**
 * A cell as organic-stem-cell has it: an object with a plasma that can be listened to before the cell starts.
 *
 * @example
 * const cell = new StemCell({ root: __dirname })
 * cell.plasma.on('SessionLogin', ({ ownerId }) => console.log(ownerId))
 * await cell.start()
 */
export class StemCell {
  readonly plasma: Organic.Plasma
  readonly #start: () => Promise<Cell>
  #starting: Promise<Cell> | undefined

  constructor(options: CellOptions = {}) {
    const plasma = new EventBus()
    this.plasma = plasma
    this.#start = async () => (await bootCell(options, new BootWatch(), plasma)).cell
  }

  /** Does what {@link startCell} does. A cell starts once. */
  start(): Promise<Cell> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  /** Stops the cell. One that is starting is stopped as soon as it has started; one that has not started stays so. */
  async stop(): Promise<void> {
    const cell = await this.#starting?.catch(() => undefined)
    await cell?.stop()
  }
}

async function bootCell(
  { mode = process.env['CELL_MODE'], changes, root = process.cwd() }: CellOptions,
  watch: BootWatch,
  plasma = new EventBus(),
): Promise<{ cell: Cell; settings: CellSettings }> {
  const source: DnaOptions = { folder: join(root, 'dna'), mode, changes }
  plasma.watch = watch
  void plasma.store({ type: 'CellRoot', data: root })
  void plasma.store({ type: 'Clock', data: new Clock() })
  const stopped = endOnKill(plasma)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= isEnding(plasma) ? stopped : awaitAll([drainAndKill(plasma, drainSeconds), stopped])
    return stopping
  }
  let stopSeconds = 10
  // A cell that does not serve yet has nothing to drain.
  let drainSeconds = 0

  try {
    checkRoot(root)
    const { dna, errors } = await Promise.race([watch.failed, readDna(source)])
    errors.push(...useCompiledPaths(dna, root, __dirname))
    const nucleus = new Nucleus(plasma, dna, root)
    const { organelles, settings } = checkOrganelles(nucleus, dna, errors)
    stopSeconds = settings.stopSeconds
    void plasma.store({ type: 'Log', data: new Log(settings.log) })
    let address: string | undefined
    plasma.once('ExpressServer', ({ server }) => {
      address = urlOf(server.address() as AddressInfo)
    })
    await assembleCell(plasma, organelles, { nucleus, watch, seconds: settings.bootSeconds })
    drainSeconds = settings.drainSeconds
    logFailures(plasma, (failed) => organelles.nameOf(failed))
    return { cell: { plasma, dna, address, stopped, stop }, settings }
  } catch (error) {
    await Promise.race([stop().catch(() => undefined), wait(stopSeconds * 1000, undefined, { ref: false })])
    throw explainError(error, source)
  } finally {
    plasma.watch = undefined
    watch.end()
  }
}

/** Ends the cell, after so many seconds of draining. */
async function drainAndKill(plasma: Organic.Plasma, drainSeconds: number): Promise<void> {
  if (drainSeconds > 0) await drain(plasma, drainSeconds)
  if (!isEnding(plasma)) await plasma.emit('kill')
}

/** The packages that read DNA and routes would treat such a path as a glob pattern, and find nothing. */
function checkRoot(root: string): void {
  if (/[[\]{}?*]|[!+@]\(/.test(root))
    throw new Error(`the path ${root} has one of [ ] { } ? * in it: move the project elsewhere`)
}

/** Waits for all of them, even if one fails: what comes next must not meet what is still ending. */
async function awaitAll(parts: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(parts)
  await Promise.all(parts)
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/**
 * Runs a cell as a process, which ends with the cell and never outlives a failure. SIGINT and SIGTERM stop it.
 *
 * @example runCell({ root: __dirname })
 */
export function runCell(options: CellOptions = {}): void {
  const watch = new BootWatch()
  const plasma = new EventBus()
  const endBootGuard = guardBoot(watch, plasma)
  plasma.once('Log', ({ data: log }) => logWarnings(log))
  const exitWithError = (error: unknown): never => {
    logOf(plasma).error(messageOf(error).replace(/^/gm, 'cell: '))
    process.exit(1)
  }
  const starting = bootCell(options, watch, plasma)
  starting
    .then(({ cell, settings }) => {
      endBootGuard()
      // Plasmas reject with a list of errors, of which Node would print nothing.
      process.on('unhandledRejection', (thrown) => {
        throw firstOf(thrown)
      })
      cell.plasma.on('CellEnding', () => setTimeout(() => process.exit(1), settings.stopSeconds * 1000).unref())
      logOf(plasma).info(`cell: ready${cell.address ? ` at ${cell.address}` : ''}`)
      return cell.stopped
    })
    .then(() => process.exit(0), exitWithError)
  stopOnSignal(starting, watch, exitWithError)
}

/** Turns a crash or an early exit of the process into a failure of the boot. @returns a function that ends this */
function guardBoot(watch: BootWatch, plasma: Organic.Plasma): () => void {
  const onCrash = (error: unknown): void => {
    watch.fail(error)
  }
  // An organelle that ends the process must not look like a cell that ended well.
  const onExit = (code: number): void => {
    if (code !== 0) return
    const culprit = watch.organelle ? `plasma/${watch.organelle}` : 'something'
    logOf(plasma).error(`cell: ${culprit} ended the process before the cell was ready`)
    process.exitCode = 1
  }
  process.on('exit', onExit)
  process.on('uncaughtException', onCrash)
  process.on('unhandledRejection', onCrash)
  return () => {
    process.off('exit', onExit)
    process.off('uncaughtException', onCrash)
    process.off('unhandledRejection', onCrash)
  }
}

/** A second signal within so many milliseconds is the same one: a terminal and npm both pass Ctrl-C on. */
const SAME_SIGNAL = 500

/** Stops the cell, or its boot, at the first SIGINT or SIGTERM. At the second, the process ends at once. */
function stopOnSignal(
  starting: Promise<{ cell: Cell }>,
  watch: BootWatch,
  exitWithError: (error: unknown) => never,
): void {
  let first: number | undefined
  const onSignal = (): void => {
    if (first === undefined) {
      watch.fail(new Error('stopped by a signal before the cell was ready'))
      starting.then(({ cell }) => cell.stop()).catch(exitWithError)
    } else if (Date.now() - first > SAME_SIGNAL) process.exit(1)
    first ??= Date.now()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** Node would print its warnings as text between the lines of JSON. */
function logWarnings(log: Log): void {
  if (log.format === 'text') return
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message, detail }: Error & { detail?: string }) => {
    // Of Node's own SQLite, for example: nothing that an operator could change.
    if (name !== 'ExperimentalWarning') log.warn(message, detail === undefined ? undefined : { detail })
  })
}

if (require.main === module) runCell()
