import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Terminal } from './program'

/**
 * Asks on the terminal, and takes only `yes` for yes.
 *
 * @throws {Error} where there is no terminal to ask on
 */
export async function confirm(question: string, { stdin, stderr }: Terminal): Promise<boolean> {
  if (!stdin.isTTY) throw new Error('there is no terminal to ask on: say --yes')
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    // Where the input ends, the question is never answered.
    const ended = once(terminal, 'close').then(() => '')
    return (await Promise.race([terminal.question(`${question} Type yes: `), ended])).trim() === 'yes'
  } finally {
    terminal.close()
  }
}
