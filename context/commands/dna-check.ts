import { join } from 'node:path'
import { checkOrganelles } from '../cell/check-organelles'
import { readDna } from '../cell/dna'
import { useCompiledPaths } from '../cell/dna/compiled-paths'
import { EventBus } from '../cell/event-bus'
import { Nucleus } from '../cell/nucleus'
import { CODE_ROOT } from '../cell/own-package'

/**
 * Checks DNA as the boot does before it builds anything. Loads the code of the organelles, and opens nothing.
 *
 * @param root the folder that holds `dna/`
 * @returns how many organelles are on
 * @throws {DnaError} with every fault
 */
export async function checkCellDna(root: string, mode: string | undefined): Promise<number> {
  const { dna, errors } = await readDna({ folder: join(root, 'dna'), mode })
  useCompiledPaths(dna, root, CODE_ROOT)
  const { organelles } = checkOrganelles(new Nucleus(new EventBus(), dna, root), dna, errors)
  return organelles.dnaByName.size
}
