import { CommanderError, type Command } from 'commander'
import { join } from 'node:path'
import { explainError } from '../cell/dna'
import { checkCellDna } from './dna-check'
import { REFERENCE_PAGE, writeReference } from './dna-reference'
import { formatDna } from './dna-table'
import { readEffectiveDna } from './effective-dna'
import { createProgram, runProgram } from './program'
import { SCHEMA_FOLDER, writeSchemaFiles } from './schema-files'
import type { Terminal } from './terminal'

/**
 * Runs a command about the DNA of a cell, which need not run. Opens nothing.
 *
 * @param parameters the arguments after the program's name
 * @param root the cell's root folder
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export function runDna(parameters: string[], terminal: Terminal, root: string): Promise<number> {
  return runProgram(createDnaProgram(terminal, root), parameters, terminal, root)
}

function createDnaProgram(terminal: Terminal, root: string): Command {
  const program = createProgram('dna', terminal).description(
    'Shows and checks the DNA of the cell in this folder. A mode is written as in CELL_MODE, which is the default.',
  )

  program
    .command('show [mode]', { isDefault: true })
    .description(
      'prints the DNA in effect, without secrets, and the file that each value comes from (the default command)',
    )
    .option('--json', 'prints JSON')
    .action((written: string | undefined, { json }: { json?: boolean }) =>
      explainFaults(written, async (mode) => {
        const values = await readEffectiveDna(root, mode)
        terminal.stdout.write(
          json ? `${JSON.stringify({ mode: mode ?? '', values }, undefined, 2)}\n` : formatDna(values),
        )
      }),
    )

  program
    .command('check [mode]')
    .description('checks the DNA as the boot does, and starts nothing')
    .action((written: string | undefined) =>
      explainFaults(written, async (mode) => {
        const count = await checkCellDna(root, mode)
        terminal.stdout.write(`ok: the DNA ${mode ? `of ${mode}` : 'without a mode'}, ${count} organelles\n`)
      }),
    )

  program
    .command('schemas')
    .description(
      `writes the JSON Schemas of the DNA, for editors, to ${SCHEMA_FOLDER}/, and the reference to ${REFERENCE_PAGE}`,
    )
    .action(() =>
      explainFaults('', () => {
        const count = writeSchemaFiles(root)
        terminal.stdout.write(`wrote ${count} schemas to ${SCHEMA_FOLDER}/\n`)
        if (writeReference(root)) terminal.stdout.write(`wrote the reference to ${REFERENCE_PAGE}\n`)
      }),
    )

  return program

  /** Prints faults as the boot prints them. */
  async function explainFaults(
    written: string | undefined,
    work: (mode: string | undefined) => Promise<void> | void,
  ): Promise<void> {
    const mode = written ?? process.env['CELL_MODE']
    try {
      await work(mode)
    } catch (error) {
      const { message } = explainError(error, { folder: join(root, 'dna'), mode })
      terminal.stderr.write(`${message.replace(/^/gm, 'cell: ')}\n`)
      throw new CommanderError(1, 'dna.fault', message)
    }
  }
}
