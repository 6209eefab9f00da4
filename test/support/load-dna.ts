import { readDna, type CellDna, type DnaOptions } from '../../context/cell/dna'
import { throwDnaErrors } from '../../context/cell/dna/error'

/** Loads DNA. @throws {DnaError} with all faults that {@link readDna} finds */
export async function loadDna(options: DnaOptions): Promise<CellDna> {
  const { dna, errors } = await readDna(options)
  throwDnaErrors(errors)
  return dna
}
