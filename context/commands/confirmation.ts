import { createInterface } from 'node:readline/promises'

/**
 * Asks on the terminal, and takes only `yes` for yes.
 *
 * @throws {Error} where there is no terminal to ask on
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('there is no terminal to ask on: say --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(`${question} Type yes: `)).trim() === 'yes'
  } finally {
    terminal.close()
  }
}
