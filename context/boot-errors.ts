import type { CellDna } from './dna'
import { DnaError, dnaErrorsOf } from './errors'
import { Nucleus } from './nucleus'
import { Organelles } from './organelles'

/**
 * Finds what else is wrong with DNA that cannot boot, so that all of it is told at once: every organelle is built on a
 * plasma that none of them can use, and gets as far as the check of its DNA.
 *
 * @param found what is known to be wrong
 * @returns all of it; of one key, only what was found first
 */
export function findMoreErrors({ plasma }: CellDna, found: readonly DnaError[]): DnaError[] {
  const errors = [...found]
  const add = (thrown: unknown, name?: string): void => {
    for (const error of dnaErrorsOf(thrown)) {
      if (name !== undefined) error.branch ??= ['plasma', name]
      if (!errors.some((known) => placeOf(known) === placeOf(error))) errors.push(error)
    }
  }

  try {
    new Organelles(plasma)
  } catch (error) {
    add(error)
  }
  const nucleus = new Nucleus(UNUSABLE, plasma, process.cwd())
  for (const [name, dna] of Object.entries(plasma) as [string, unknown][]) {
    if (typeof dna !== 'object' || dna === null || !('source' in dna)) continue
    nucleus.build(dna, (error) => {
      add(error, name)
    })
  }
  return errors
}

function placeOf({ branch = [], key, message }: DnaError): string {
  return branch.length > 0 ? [...branch, key].join('.') : message
}

const refuse = (): never => {
  throw new Error('this cell does not boot')
}
const UNUSABLE = new Proxy({}, { get: refuse, has: refuse, set: refuse, defineProperty: refuse, getOwnPropertyDescriptor: refuse, ownKeys: refuse }) as Organic.Plasma
