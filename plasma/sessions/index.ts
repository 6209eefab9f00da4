import { DnaError, checkDna, resolvePath } from '../../context/cell'
import { createSessions } from './create-sessions'
import { sessionsDna } from './dna'
import { loadOwnerModel } from './owner-model'

/**
 * The sessions organelle: puts `plasma[dna.name](storage)` on the plasma, as {@link createSessions} makes it.
 *
 * @throws {DnaError} for DNA that it cannot work with
 */
function sessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(sessionsDna, dna)
  const { name, remoteCaFile } = checked
  if (name in plasma) throw new DnaError('name', `the plasma has a "${name}" already, choose another name`)
  const created = createSessions({
    ...checked,
    plasma,
    ownerModel: loadOwnerModel(plasma, checked),
    remoteCaFile: remoteCaFile && resolvePath(plasma, remoteCaFile),
  })
  Object.assign(plasma, { [name]: created })
}

sessions.dnaSchema = sessionsDna

export = sessions
