import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { BootWatch, locate } from './context/cell/boot-watch'
import { checkCellDna } from './context/cell/settings'
import { checkOrganelles } from './context/cell/check-organelles'
import { explain, readDna, type CellDna, type DnaOptions } from './context/cell/dna'
import { useCompiledPaths } from './context/cell/dna/compiled-paths'
import { dnaErrorsOf, firstOf, throwDnaErrors, type DnaError } from './context/cell'
import { Nucleus } from './context/cell/nucleus'
import type { Organelles } from './context/cell/organelles'
import { EventBus } from './context/cell/event-bus'
import { Clock } from './context/cell/clock'

/** How to start a cell other than its DNA says. */
export interface CellOptions {
  /** Instead of `CELL_MODE`. */
  mode?: string
  /** Folded over the DNA last. */
  changes?: object
  /** The folder that holds `dna/`, and that paths in DNA are relative to. @default the working directory */
  root?: string
}

/** A cell that runs. */
export interface Cell {
  readonly plasma: Organic.Plasma
  readonly dna: CellDna
  /** As in `http://127.0.0.1:1337`; nothing where no server runs. */
  readonly address: string | undefined
  /** Settles when the cell has ended, whoever ended it. */
  readonly stopped: Promise<void>
  /** Ends the cell: no new connections, requests in flight finish, the database closes. */
  stop(): Promise<void>
}

/** Milliseconds within which a second signal is the same: a terminal and npm both pass Ctrl-C on. */
const SAME_SIGNAL = 500
/** Stored from the first `kill` on. */
const ENDING = { type: 'CellEnding' }

/**
 * Starts a cell: loads its DNA, builds its organelles and waits until each that says `emitReady` is ready. Nothing of it is
 * left running when it fails. A process may start any number of cells, with data of their own.
 *
 * @throws {Error} with one line per fault in its message, which names the DNA file and the key
 */
export function startCell(options: CellOptions = {}): Promise<Cell> {
  return start(options, new BootWatch())
}

async function start(
  { mode = process.env['CELL_MODE'], changes, root = process.cwd() }: CellOptions,
  watch: BootWatch,
): Promise<Cell> {
  const source: DnaOptions = { folder: join(root, 'dna'), mode, changes }
  const plasma = new EventBus()
  plasma.watch = watch
  void plasma.store({ type: 'CellRoot', data: root })
  void plasma.store({ type: 'Clock', data: new Clock() })
  const stopped = endOnKill(plasma)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= plasma.has(ENDING) ? stopped : whole([plasma.emit('kill'), stopped])
    return stopping
  }
  let stopSeconds = 10

  try {
    checkPath(root)
    const { dna, errors } = await Promise.race([watch.failed, readDna(source)])
    useCompiledPaths(dna, root, __dirname)
    const nucleus = new Nucleus(plasma, dna, root)
    const { organelles, settings } = checkOrganelles(nucleus, dna, errors)
    stopSeconds = settings.stopSeconds
    let address: string | undefined
    plasma.once('ExpressServer', ({ server }) => {
      address = addressOf(server.address() as AddressInfo)
    })
    await boot(plasma, organelles, { nucleus, watch, seconds: settings.bootSeconds })
    return { plasma, dna, address, stopped, stop }
  } catch (error) {
    await Promise.race([stop().catch(() => undefined), wait(stopSeconds * 1000, undefined, { ref: false })])
    throw explain(error, source)
  } finally {
    plasma.watch = undefined
    watch.end()
  }
}

/** The packages that read DNA and routes take these for patterns, and would find nothing. */
function checkPath(folder: string): void {
  if (/[[\]{}?*]|[!+@]\(/.test(folder))
    throw new Error(`the path ${folder} has one of [ ] { } ? * in it: move the project elsewhere`)
}

interface Boot {
  nucleus: Nucleus
  watch: BootWatch
  /** How long the boot may take. */
  seconds: number
}

/** Builds every organelle, in no order: what must come first, each says by the chemicals in its `reactOn`. */
async function boot(plasma: Organic.Plasma, organelles: Organelles, { nucleus, watch, seconds }: Boot): Promise<void> {
  const ready = organelles.ready(plasma)
  watch.watchChemicals(organelles.bootChemicals)
  plasma.once('CellFailed', ({ dna: failed, error }) => {
    watch.fail(error, organelles.nameOf(failed))
  })
  plasma.on('kill', () => {
    watch.fail(new Error('emitted "kill" before the cell was ready'))
  })
  let stage = 'CellBuilt'
  const late = setTimeout(() => {
    const missing = [...watch.pending, ...organelles.missing()]
    watch.fail(
      new Error(`not ready after ${seconds} s: ${missing.join(', ') || `a reaction to ${stage} has not ended`}`),
    )
  }, seconds * 1000)
  const next = async (work: Promise<unknown>): Promise<void> => {
    await Promise.race([watch.failed, work])
  }

  try {
    const errors = [...organelles].flatMap(([name, own]) => build(name, own))
    throwDnaErrors(errors.sort(byBranch))
    await next(plasma.store(stage))
    await next(ready)
    // For work that must follow everything the organelles set up.
    stage = 'CellAssembled'
    await next(plasma.store(stage))
    await next(new Promise(setImmediate))
    stage = 'CellReady'
    await next(plasma.store(stage))
  } finally {
    clearTimeout(late)
  }

  function build(name: string, own: Organic.Dna): readonly DnaError[] {
    let errors: readonly DnaError[] = []
    watch.run(name, () => {
      nucleus.build(own, (error, organelle) => {
        if (error) errors = dnaErrorsOf(locate(error, name))
        // An async organelle may still fail.
        if (organelle instanceof Promise)
          organelle.catch((thrown: unknown) => {
            watch.fail(thrown, name)
          })
      })
    })
    return errors
  }
}

/** DNA files are read in no particular order. */
function byBranch({ branch: one }: DnaError, { branch: other }: DnaError): number {
  return String(one) < String(other) ? -1 : 1
}

/**
 * Ends the cell at the first `kill`: when all reactions to it are done, `killed` closes what they needed until then.
 *
 * @returns settles when that is done
 */
function endOnKill(plasma: Organic.Plasma): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const onKill = ({ type }: Organic.Chemical): void => {
      if (type !== 'kill') return
      plasma.unpipe(onKill)
      void plasma.store(ENDING)
      // Registered as late as this, the reaction is the last one, whoever reacts to `kill`.
      plasma.once('kill', () => {
        plasma.emit('killed').then(() => {
          resolve()
        }, reject)
      })
    }
    plasma.pipe(onKill)
  })
  // Whoever awaits it hears of it.
  ended.catch(() => undefined)
  return ended
}

/** Waits for all of them, also where one has failed: what comes next must not meet what is still ending. */
async function whole(parts: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(parts)
  await Promise.all(parts)
}

function addressOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** The cell as a process: ends with it, by signal or by `kill`, and never outlives a failure. */
function main(): void {
  const watch = new BootWatch()
  const crash = (error: unknown): void => {
    watch.fail(error)
  }
  // An organelle that ends the process must not look like a cell that has ended well.
  const onExit = (code: number): void => {
    if (code !== 0) return
    console.error(
      `cell: ${watch.organelle ? `plasma/${watch.organelle}` : 'something'} ended the process before the cell was ready`,
    )
    process.exitCode = 1
  }
  process.on('exit', onExit)
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  const fail = (error: unknown): never => {
    console.error(explain(error, { folder: 'dna' }).message.replace(/^/gm, 'cell: '))
    process.exit(1)
  }
  const starting = start({}, watch)
  starting
    .then((cell) => {
      process.off('exit', onExit)
      process.off('uncaughtException', crash)
      process.off('unhandledRejection', crash)
      // Plasmas reject with a list of errors, of which Node would print nothing.
      process.on('unhandledRejection', (thrown) => {
        throw firstOf(thrown)
      })
      const { stopSeconds } = checkCellDna(cell.dna['cell'])
      cell.plasma.on('CellEnding', () => {
        setTimeout(() => process.exit(1), stopSeconds * 1000).unref()
      })
      console.log(`cell: ready${cell.address ? ` at ${cell.address}` : ''}`)
      return cell.stopped
    })
    .then(() => process.exit(0), fail)

  let first: number | undefined
  const onSignal = (): void => {
    if (first === undefined) starting.then((cell) => cell.stop()).catch(fail)
    else if (Date.now() - first > SAME_SIGNAL) process.exit(1)
    first ??= Date.now()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

if (require.main === module) main()
