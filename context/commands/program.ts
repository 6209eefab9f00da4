import { Command, CommanderError } from 'commander'
import { explainError } from '../cell/dna'
import { dnaSourceOf } from './organelles'
import type { Terminal } from './terminal'

/** Creates a program for operators, without options. Its subcommands get the same settings. */
export function createProgram(name: string, terminal: Terminal): Command {
  return new Command(name)
    .exitOverride()
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
}

/**
 * Runs a program.
 *
 * @param parameters the arguments after the program's name
 * @param root the folder of the cell that it works on
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export async function runProgram(
  program: Command,
  parameters: string[],
  terminal: Terminal,
  root: string,
): Promise<number> {
  try {
    await program.parseAsync(parameters, { from: 'user' })
    return 0
  } catch (error) {
    // Commander has already printed its own errors.
    if (error instanceof CommanderError) return error.exitCode
    const { message } = explainError(error, dnaSourceOf(root))
    terminal.stderr.write(`${message.replace(/^/gm, `${program.name()}: `)}\n`)
    return 1
  }
}
