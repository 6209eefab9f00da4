import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runOwners } from '../../context/commands/owners-command'
import { setEnvironment } from './environment'
import { NO_COVERAGE, START } from './process'
import { ROOT } from './project'
import { PATIENCE } from './until'

/** What starts the command line that manages owners: `npm run owners --`, without npm. */
export const OWNERS = [...START, 'context/commands/main.ts']

/** How a command ended. */
export interface CommandEnd {
  code: number | null
  stdout: string
  stderr: string
}

/** A command that runs, its standard input open. */
export interface RunningCommand {
  child: ChildProcessWithoutNullStreams
  ended: Promise<CommandEnd>
}

/**
 * Starts the command line that manages owners. It is killed when it takes too long.
 *
 * @param folder a project
 * @param env added to the environment, or taken from it where it is `undefined`
 */
export function startOwners(
  folder: string,
  env: NodeJS.ProcessEnv,
  parameters: string[],
  command = OWNERS,
): RunningCommand {
  const [program = '', ...own] = command
  const child = spawn(program, [...own, ...parameters], {
    cwd: folder,
    env: { ...process.env, CELL_MODE: '', ...env, ...NO_COVERAGE },
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  })
  const end: CommandEnd = { code: null, stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (end.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (end.stderr += text.toString()))
  // It may have ended before it read anything.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<CommandEnd>((resolve) => {
    child.once('close', (code) => {
      resolve({ ...end, code })
    })
  })
  return { child, ended }
}

/** Runs the command line that manages owners, with a standard input that ends after what is given. */
export type OwnersCommand = (parameters: string[], input?: string | Uint8Array) => Promise<CommandEnd>

/** The same as {@link startOwners}, with its parameters and its input to come. */
export function ownersCommand(folder: string, env: NodeJS.ProcessEnv = {}, command = OWNERS): OwnersCommand {
  return (parameters, input = '') => {
    const { child, ended } = startOwners(folder, env, parameters, command)
    child.stdin.end(input)
    return ended
  }
}

/**
 * As {@link ownersCommand}, in this process.
 *
 * @param root the cell's root folder
 * @param isTTY whether somebody types the input
 */
export function ownersHere(
  env: Record<string, string | undefined>,
  { root = ROOT, isTTY = false } = {},
): OwnersCommand {
  return async (parameters, input = '') => {
    const [stdin, stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), new PassThrough(), new PassThrough()]
    stdin.end(input)
    const restore = setEnvironment(env)
    try {
      const code = await runOwners(parameters, { stdin, stdout, stderr }, root)
      return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
    } finally {
      restore()
    }
  }
}
