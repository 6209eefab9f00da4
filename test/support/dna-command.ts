import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runDna } from '../../context/commands/dna-command'
import { setEnvironment } from './environment'
import type { CommandEnd } from './owners-command'
import { ROOT } from './project'

/** Runs `npm run dna` in this process, with no mode and no other variables than these. */
export async function dnaCommand(
  parameters: string[],
  env: Record<string, string | undefined> = {},
  root = ROOT,
): Promise<CommandEnd> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const restore = setEnvironment({ CELL_MODE: undefined, ...env })
  try {
    const code = await runDna(parameters, { stdin, stdout, stderr }, root)
    return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) }
  } finally {
    restore()
  }
}
