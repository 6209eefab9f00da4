import { resolve } from 'node:path'
import { CellProcess, type Ended } from './process'

const ROOT = resolve(__dirname, '../..')

/** Runs TypeScript in a process of its own, in the project's folder; a test that fails leaves none behind. */
export function runScript(code: string, env: Record<string, string> = {}): Promise<Ended> {
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', '--require', 'tsx/cjs', '--eval', code]
  return new CellProcess(ROOT, env, command).ended
}
