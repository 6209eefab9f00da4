import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runMove } from '../../context/commands/move-command'
import { setEnvironment } from './environment'
import type { CommandEnd } from './owners-command'

/** Runs `npm run move --` in this process, in the folder of a cell. */
export async function moveHere(
  env: Record<string, string | undefined>,
  parameters: string[],
  root: string,
): Promise<CommandEnd> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const restore = setEnvironment(env)
  try {
    const code = await runMove(parameters, { stdin: stdin.end(), stdout, stderr }, root)
    return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
  } finally {
    restore()
  }
}
