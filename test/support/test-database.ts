import { join } from 'node:path'
import { openDatabase } from '../../context/sql'
import { temporaryFolder } from './temporary-folder'

/** Opens a new database of this process, on a file of its own. @returns the file */
export async function openTestDatabase(): Promise<string> {
  const file = join(temporaryFolder(), 'cell.db')
  await openDatabase(file)
  return file
}
