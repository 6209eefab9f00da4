import { resolve } from 'node:path'
import { createCell } from './new-cell'
import { createProgram, runProgram } from './program'
import type { Terminal } from './terminal'

/**
 * Creates a cell.
 *
 * @param parameters the arguments after the program's name
 * @param root the folder that paths are relative to
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export function runNew(parameters: string[], terminal: Terminal, root: string): Promise<number> {
  const program = createProgram('new', terminal)
    .description('Creates a cell of your own that depends on this package, in a new folder.')
    .argument('<folder>', 'its name becomes the name of the cell')
    .option('--package <tarball>', 'depends on this file, from npm pack, instead of the published package')
    .action((folder: string, { package: tarball }: { package?: string }) => {
      createCell(resolve(root, folder), tarball === undefined ? undefined : resolve(root, tarball))
      terminal.stdout.write(`cd ${folder} && npm install && npm test && npm start\n`)
    })
  return runProgram(program, parameters, terminal, root)
}
