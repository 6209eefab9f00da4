import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/**
 * A password that somebody types, unseen, or that comes as the first line of the standard input. Never from the
 * arguments: other users of the machine see those.
 */
export async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) return ask('Password: ')
  const lines = createInterface({ input: process.stdin })
  for await (const line of lines) return line
  return ''
}

async function ask(question: string): Promise<string> {
  process.stderr.write(question)
  // What is typed is echoed to the output: into nothing, then.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
