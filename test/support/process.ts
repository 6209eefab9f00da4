import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './project'
import { until } from './until'

const running = new Set<ChildProcess>()

/** As `npm start` starts TypeScript, but sooner. */
export const START = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--require',
  join(ROOT, 'package/typescript.cjs'),
]

/**
 * For the environment of processes: coverage is what the tests' own process runs. To collect it in each would take as long
 * as the rest, and what {@link START} compiles has other lines.
 */
export const NO_COVERAGE = { NODE_V8_COVERAGE: undefined }

/** How a process ended. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A cell that runs as a process of its own. */
export class CellProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  stdout = ''
  stderr = ''

  /**
   * @param folder the working directory: a copy of this project, or a folder that has only DNA and files of its own
   * @param env added to the environment
   * @param command starts the cell
   */
  constructor(folder: string, env: Record<string, string> = {}, command = [...START, mainOf(folder)]) {
    const [program = '', ...parameters] = command
    this.child = spawn(program, parameters, {
      cwd: folder,
      env: { ...process.env, CELL_MODE: '', PORT: '', ...env, ...NO_COVERAGE },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: npm and its shell end together with the cell.
      detached: true,
    })
    running.add(this.child)
    this.child.stdout?.on('data', (text: Buffer) => (this.stdout += text.toString()))
    this.child.stderr?.on('data', (text: Buffer) => (this.stderr += text.toString()))
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        running.delete(this.child)
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
  }

  /** Waits until it has printed a text. */
  async prints(text: string): Promise<void> {
    await until(
      () => this.stdout.includes(text),
      () => `it prints ${text}: ${this.stdout}${this.stderr}`,
    )
  }

  /** @returns the address in the cell's ready line */
  async ready(): Promise<string> {
    const address = new Promise<string>((resolve) => {
      const look = (): void => {
        const found = /ready at ([^\s"]+)/.exec(this.stdout)
        if (found?.[1]) resolve(found[1])
      }
      this.child.stdout?.on('data', look)
      look()
    })
    const ended = this.ended.then(({ code, stderr }) => {
      throw new Error(`the cell ended with ${String(code)}: ${stderr}`)
    })
    return Promise.race([address, ended])
  }

  /** Sends a signal to the process that was started, and waits for its end. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.child.kill(signal)
    return this.ended
  }
}

function mainOf(folder: string): string {
  return existsSync(join(folder, 'cell.ts')) ? 'cell.ts' : join(ROOT, 'cell.ts')
}

/** Runs TypeScript in a process of its own, in the project's folder; a test that fails leaves none behind. */
export function runScript(code: string, env: Record<string, string> = {}): Promise<Ended> {
  return new CellProcess(ROOT, env, [...START, '--eval', code]).ended
}

/** Ends whatever a failed test has left running. */
export async function endProcesses(): Promise<void> {
  await Promise.all(
    [...running].map(async (child) => {
      const closed = new Promise((resolve) => child.once('close', resolve))
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL')
        await closed
      } catch {
        // It has ended by itself.
      }
    }),
  )
}
