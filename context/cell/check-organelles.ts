import { cellSettings, type CellSettings } from './settings'
import type { CellDna } from './dna'
import { dnaErrorsOf, throwDnaErrors, type DnaError } from './dna/error'
import type { Nucleus } from './nucleus'
import { Organelles } from './organelles'

/**
 * Checks the DNA of the cell and of all organelles before the first one is built, so that all faults are reported at once
 * and nothing has been opened.
 *
 * @param found faults that are already known
 * @returns the organelles that are switched on, and the cell's own settings
 * @throws {DnaError} with every fault, but only the first of each key
 */
export function checkOrganelles(
  nucleus: Nucleus,
  { cell, plasma }: CellDna,
  found: readonly DnaError[],
): { organelles: Organelles; settings: CellSettings } {
  const errors = [...found]
  // `readDna` has already reported its faults. Unknown keys are stripped so that the rest can still be used.
  const settings = cellSettings.strip().safeParse(cell ?? {}).data
  const organelles = collect(() => new Organelles(plasma, settings?.events))
  // DNA files are read in no particular order, but faults are reported in a fixed one.
  for (const [name, dna] of Object.entries(plasma).sort(([one], [other]) => (one < other ? -1 : 1))) {
    const written = typeof dna === 'string' ? { source: dna } : dna
    if (typeof written === 'object' && 'source' in Object(written)) collect(() => nucleus.check(written), name)
  }
  throwDnaErrors(errors)
  return { organelles, settings } as { organelles: Organelles; settings: CellSettings }

  function collect<T>(check: () => T, name?: string): T | undefined {
    try {
      return check()
    } catch (thrown) {
      for (const error of dnaErrorsOf(thrown)) {
        if (name !== undefined) error.branch ??= ['plasma', name]
        if (!errors.some((known) => placeOf(known) === placeOf(error))) errors.push(error)
      }
      return undefined
    }
  }
}

function placeOf({ branch, key, message }: DnaError): string {
  return branch ? [...branch, key].join('.') : message
}
