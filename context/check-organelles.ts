import { DnaError, dnaErrorsOf } from './errors'
import type { Nucleus } from './nucleus'
import { Organelles } from './organelles'

/**
 * Finds what is wrong with the DNA of all organelles before the first one is built, so that it is told at once, and
 * nothing has been opened.
 *
 * @param plasmaDna one organelle a key
 * @param found what is known to be wrong
 * @returns all of it; of one key, only what was found first
 */
export function checkOrganelles(nucleus: Nucleus, plasmaDna: Record<string, unknown>, found: readonly DnaError[]): DnaError[] {
  const errors = [...found]
  const collect = (check: () => unknown, name?: string): void => {
    try {
      check()
    } catch (thrown) {
      for (const error of dnaErrorsOf(thrown)) {
        if (name !== undefined) error.branch ??= ['plasma', name]
        if (!errors.some((known) => placeOf(known) === placeOf(error))) errors.push(error)
      }
    }
  }

  collect(() => new Organelles(plasmaDna))
  for (const [name, dna] of Object.entries(plasmaDna)) {
    if (typeof dna === 'object' && dna !== null && 'source' in dna) collect(() => nucleus.check(dna), name)
  }
  return errors
}

function placeOf({ branch, key, message }: DnaError): string {
  return branch ? [...branch, key].join('.') : message
}
