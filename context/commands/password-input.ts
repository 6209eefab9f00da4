import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Terminal } from './terminal'

/** More characters than a password may have. */
const LONGEST_INPUT = 1024

/**
 * A password that somebody types, unseen, or that comes as the first line of the standard input. Never from the
 * arguments: other users of the machine see those.
 */
export async function readPassword(from: Terminal): Promise<string> {
  if (from.stdin.isTTY) return ask('Password: ', from)
  let read = ''
  for await (const text of from.stdin.setEncoding('utf8') as AsyncIterable<string>) {
    read += text
    // To leave the loop closes the input: whoever gives it need not end it.
    if (read.includes('\n') || read.length > LONGEST_INPUT) break
  }
  return read.split(/\r?\n/, 1)[0] ?? ''
}

async function ask(question: string, { stdin, stderr }: Terminal): Promise<string> {
  // What is typed is echoed to the output: into nothing, then.
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
