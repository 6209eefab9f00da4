import { startCell, type Cell } from '../../cell'
import { Client } from './client'
import { temporaryFolder } from './temporary-folder'

/** A cell that runs in this process, and clients of it. */
export type TestCell = Cell & { client(): Client }

/**
 * Starts this project's cell in this process, on a free port and data of its own. One at a time: a process has one
 * database.
 *
 * @param changes to its DNA
 */
export async function startTestCell(changes: object = {}): Promise<TestCell> {
  const cell = await startCell({ mode: '_test', changes: { data: { folder: temporaryFolder() }, ...changes } })
  return { ...cell, client: () => new Client(cell.address ?? '') }
}
