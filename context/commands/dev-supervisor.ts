import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CODE_ROOT } from '../cell/own-package'
import { describeChanges, findChanged, isDna } from './source-changes'
import { SourceWatch, readSourceFiles, type SourceFiles } from './source-files'

/** Milliseconds that a cell may take to end: more than it takes by itself, as shipped. Code in an endless loop takes no signal. */
const PATIENCE = 12_000

/** Of the running code: `.ts`, or `.js` in a build. */
const EXTENSION = extname(__filename)

/**
 * Runs a cell and restarts it when its code or DNA changes. A cell that ends by itself is started again only after a
 * change; DNA with faults leaves the running one alone.
 */
export class DevSupervisor {
  readonly #root: string
  readonly #watch: SourceWatch
  /** What the cell was last started with. */
  #started: SourceFiles
  /** What was last read. */
  #seen: SourceFiles
  #cell: ChildProcess | undefined
  #isEnding = false
  /** Changes are applied one after the other. */
  #work: Promise<void>
  #end: (code: number) => void = () => undefined
  /** Resolves with an exit code after a signal. */
  readonly ended = new Promise<number>((resolve) => (this.#end = resolve))

  constructor(root: string) {
    this.#root = root
    this.#started = this.#seen = readSourceFiles(root)
    this.#watch = new SourceWatch(root, () => {
      this.#work = this.#work.then(() => this.#applyChanges())
    })
    this.#work = Promise.resolve(this.#start())
    // Whatever ends this process, no cell is left behind.
    process.once('exit', () => this.#cell?.kill())
  }

  /** Passes a signal on to the cell, and ends with it. */
  stop(signal: NodeJS.Signals): void {
    this.#isEnding = true
    this.#watch.close()
    if (!this.#cell) this.#end(0)
    // On Windows that would end it at once, and its console tells it of Ctrl-C anyway.
    else if (process.platform !== 'win32') this.#endCell(this.#cell, signal)
  }

  async #applyChanges(): Promise<void> {
    const files = readSourceFiles(this.#root)
    if (findChanged(this.#seen, files).length === 0) return
    this.#seen = files
    const changed = findChanged(this.#started, files)
    if (changed.length === 0 && this.#cell) return this.#print('as it was: the cell goes on')
    for (const line of describeChanges(this.#started, files)) this.#print(line)
    if (this.#cell && changed.some(isDna) && !(await this.#isDnaValid()))
      return this.#print('the DNA has faults: the cell goes on without these changes')
    await this.#stopCell()
    // A signal may have come meanwhile.
    if (this.#isEnding) return
    this.#started = files
    this.#start()
  }

  #start(): void {
    const own = join(this.#root, `cell${EXTENSION}`)
    const cell = this.#run([existsSync(own) ? own : join(CODE_ROOT, `cell${EXTENSION}`)])
    this.#cell = cell
    cell.once('close', (code) => {
      if (this.#cell === cell) this.#cell = undefined
      if (this.#isEnding) this.#end(code ?? 1)
      else if (!cell.killed) this.#print(`the cell ended${code ? ` with ${code}` : ''}: it starts again after a change`)
    })
  }

  async #stopCell(): Promise<void> {
    const cell = this.#cell
    if (!cell) return
    const closed = new Promise((resolve) => cell.once('close', resolve))
    this.#endCell(cell, 'SIGTERM')
    await closed
  }

  #endCell(cell: ChildProcess, signal: NodeJS.Signals): void {
    cell.kill(signal)
    const timer = setTimeout(() => {
      this.#print('the cell does not end by itself')
      cell.kill('SIGKILL')
    }, PATIENCE)
    cell.once('close', () => clearTimeout(timer))
  }

  /** Whether the cell would accept its DNA. A process of its own prints the faults: the code that checks may be new. */
  #isDnaValid(): Promise<boolean> {
    const check = this.#run([join(__dirname, `dna${EXTENSION}`), 'check'], 'ignore')
    return new Promise((resolve) => check.once('close', (code) => resolve(code === 0)))
  }

  #run(command: string[], stdout: 'inherit' | 'ignore' = 'inherit'): ChildProcess {
    // The flags by which this process runs TypeScript.
    return spawn(process.execPath, [...process.execArgv, ...command], {
      cwd: this.#root,
      stdio: ['ignore', stdout, 'inherit'],
    })
  }

  #print(line: string): void {
    console.log(`dev: ${line}`)
  }
}
