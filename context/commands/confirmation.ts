import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import type { Terminal } from './terminal'

/**
 * Asks a question on the terminal. Only `yes` counts as yes.
 *
 * @throws {Error} if the input is not a terminal
 */
export async function askConfirmation(question: string, { stdin, stderr }: Terminal): Promise<boolean> {
  if (!stdin.isTTY) throw new Error('there is no terminal to ask on: pass --yes')
  const terminal = createInterface({ input: stdin, output: stderr })
  try {
    // If the input ends, `question` never settles.
    const ended = once(terminal, 'close').then(() => '')
    return (await Promise.race([terminal.question(`${question} Type yes: `), ended])).trim() === 'yes'
  } finally {
    terminal.close()
  }
}
