import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { checkOrganelles } from './context/check-organelles'
import { explain, readDna, type CellDna, type DnaOptions } from './context/dna'
import { useCompiledPaths } from './context/dna/compiled-paths'
import { dnaErrorsOf, throwDnaErrors, type DnaError } from './context/errors'
import { Nucleus } from './context/nucleus'
import { Organelles } from './context/organelles'
import { Plasma } from './context/plasma'

/** How to start a cell other than its DNA says. */
export interface CellOptions {
  /** Instead of `CELL_MODE`. */
  mode?: string
  /** Folded over the DNA last. */
  changes?: object
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

/** Milliseconds that a boot may take, and that an end may take. */
const BOOT_TIMEOUT = 4000
const STOP_TIMEOUT = 10_000
/** Milliseconds within which a second signal is the same: a terminal and npm both pass Ctrl-C on. */
const SAME_SIGNAL = 500
/** Stored from the first `kill` on. */
const ENDING = { type: 'CellEnding' }

/**
 * Starts a cell in the working directory: loads its DNA, builds its organelles and waits until each that says
 * `emitReady` is ready. Nothing of it is left running when it fails.
 *
 * @throws {Error} whose message has a line for each fault, that names the DNA file and the key
 */
export async function startCell({ mode = process.env['CELL_MODE'], changes }: CellOptions = {}): Promise<Cell> {
  const source: DnaOptions = { folder: join(process.cwd(), 'dna'), mode, changes }
  const plasma = new Plasma()
  const stopped = endOnKill(plasma)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= plasma.has(ENDING) ? stopped : whole([plasma.emit('kill'), stopped])
    return stopping
  }

  try {
    checkPath(process.cwd())
    const { dna, errors } = await readDna(source)
    useCompiledPaths(dna, __dirname)
    throwDnaErrors(checkOrganelles(new Nucleus(plasma, dna, process.cwd()), dna.plasma, errors))
    let address: string | undefined
    plasma.once('ExpressServer', ({ server }: Organic.Chemical) => {
      address = addressOf(server as { address(): AddressInfo })
    })
    await boot(plasma, dna)
    return { plasma, dna, address, stopped, stop }
  } catch (error) {
    await stop().catch(() => undefined)
    throw explain(error, source)
  }
}

/** The packages that read DNA and routes take these for patterns, and would find nothing. */
function checkPath(folder: string): void {
  if (/[[\]{}?*]|[!+@]\(/.test(folder)) throw new Error(`the path ${folder} has one of [ ] { } ? * in it: move the project elsewhere`)
}

/** Builds every organelle, in no order: what must come first, each says by the chemicals in its `reactOn`. */
async function boot(plasma: Organic.Plasma, dna: CellDna): Promise<void> {
  const organelles = new Organelles(dna.plasma)
  const nucleus = new Nucleus(plasma, dna, process.cwd())
  const ready = organelles.ready(plasma)
  const failed = organelles.failed(plasma)

  const errors: DnaError[] = []
  for (const [name, own] of organelles) {
    nucleus.build(own, (error) => {
      if (error) errors.push(...dnaErrorsOf(organelles.located(error, name)))
    })
  }
  throwDnaErrors(errors)
  await plasma.store('CellBuilt')
  const late = (): string => `not ready after ${BOOT_TIMEOUT / 1000} s: ${organelles.missing().join(', ')}`
  await Promise.race([ready, failed, timeout(BOOT_TIMEOUT, late)])
  // For what must come after everything that the organelles have set up.
  await plasma.store('CellAssembled')
  await Promise.race([failed, new Promise(setImmediate)])
  await plasma.store('CellReady')
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

function timeout(milliseconds: number, message: () => string): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => {
      reject(new Error(message()))
    }, milliseconds).unref()
  })
}

function addressOf(server: { address(): AddressInfo }): string {
  const { address, family, port } = server.address()
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** The cell as a process: ends with it, by signal or by `kill`, and never outlives a failure. */
function main(): void {
  const fail = (error: unknown): never => {
    console.error(explain(error, { folder: 'dna' }).message.replace(/^/gm, 'cell: '))
    process.exit(1)
  }
  process.on('uncaughtException', fail)
  const starting = startCell()
  starting
    .then((cell) => {
      process.off('uncaughtException', fail)
      cell.plasma.on('CellEnding', () => {
        setTimeout(() => process.exit(1), STOP_TIMEOUT).unref()
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
