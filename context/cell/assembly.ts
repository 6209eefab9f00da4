import { attributeError, type BootWatch } from './boot-watch'
import { dnaErrorsOf, throwDnaErrors, type DnaError } from './dna/error'
import type { Nucleus } from './nucleus'
import type { Organelles } from './organelles'

/** What {@link assembleCell} needs besides the organelles. */
export interface AssemblyOptions {
  nucleus: Nucleus
  watch: BootWatch
  /** How long the boot may take. */
  seconds: number
}

/**
 * Builds all organelles, in no particular order, waits until they are ready, and stores `CellBuilt`, `CellAssembled` and
 * `CellReady` on the way. What must come first, each organelle says by the chemicals in its `reactOn`.
 *
 * @throws {DnaError} for the first failure of any organelle, and if the cell is not ready in time
 */
export async function assembleCell(
  plasma: Organic.Plasma,
  organelles: Organelles,
  { nucleus, watch, seconds }: AssemblyOptions,
): Promise<void> {
  const ready = organelles.waitUntilReady(plasma)
  watch.watchChemicals(organelles.bootChemicals)
  plasma.once('CellFailed', ({ dna: failed, error }) => watch.fail(error, organelles.nameOf(failed)))
  plasma.on('kill', () => watch.fail(new Error('emitted "kill" before the cell was ready')))
  let stage = 'CellBuilt'
  const late = setTimeout(() => {
    const missing = [...watch.pending, ...organelles.findMissing()]
    watch.fail(
      new Error(`not ready after ${seconds} s: ${missing.join(', ') || `a reaction to ${stage} has not ended`}`),
    )
  }, seconds * 1000)
  const unlessFailed = async (work: Promise<unknown>): Promise<void> => {
    await Promise.race([watch.failed, work])
  }

  try {
    const errors = [...organelles.dnaByName].flatMap(([name, dna]) => buildOrganelle(name, dna))
    throwDnaErrors(errors.sort(byBranch))
    await unlessFailed(plasma.store(stage))
    await unlessFailed(ready)
    // For work that must follow everything the organelles set up.
    stage = 'CellAssembled'
    await unlessFailed(plasma.store(stage))
    await unlessFailed(new Promise(setImmediate))
    stage = 'CellReady'
    await unlessFailed(plasma.store(stage))
  } finally {
    clearTimeout(late)
  }

  function buildOrganelle(name: string, dna: Organic.Dna): readonly DnaError[] {
    let errors: readonly DnaError[] = []
    watch.run(name, () => {
      nucleus.build(dna, (error, organelle) => {
        if (error) errors = dnaErrorsOf(attributeError(error, name))
        // An async organelle may still fail.
        if (organelle instanceof Promise) organelle.catch((thrown: unknown) => watch.fail(thrown, name))
      })
    })
    return errors
  }
}

/** DNA files are read in no particular order. */
function byBranch({ branch: one }: DnaError, { branch: other }: DnaError): number {
  return String(one) < String(other) ? -1 : 1
}
