import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Terminal } from './terminal'

/** More characters than a password may have. */
const LONGEST_INPUT = 1024

/**
 * Reads a password: typed unseen on a terminal, or from the first line of standard input. Never from the arguments, which
 * other users of the machine can see.
 */
export async function readPassword(from: Terminal): Promise<string> {
  if (from.stdin.isTTY) return askUnseen('Password: ', from)
  let read = ''
  for await (const chunk of from.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    read += chunk
    // Leaving the loop closes the input, so its writer need not end it.
    if (read.includes('\n') || read.length > LONGEST_INPUT) break
  }
  return read.split(/\r?\n/, 1)[0] ?? ''
}

async function askUnseen(question: string, { stdin, stderr }: Terminal): Promise<string> {
  // The interface echoes what is typed to its output.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: stdin, output: silent, terminal: true })
  stderr.write(question)
  try {
    return await terminal.question('')
  } finally {
    terminal.close()
    stderr.write('\n')
  }
}
