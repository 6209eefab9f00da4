import { DnaError, checkDna, resolvePath } from '../../context/cell'
import type { SessionChemicals } from './chemicals'
import { createSessions } from './create-sessions'
import { sessionsDna } from './dna'
import type { Actor } from './login-record'
import { loadOwnerModel, type Owner, type OwnerModel } from './owner-model'
import type { OwnSession, SessionApi, Sessions } from './session-api'

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

// eslint-disable-next-line @typescript-eslint/no-namespace -- how `export =` exports types as well
declare namespace sessions {
  export {
    type Actor,
    type Owner,
    type OwnerModel,
    type OwnSession,
    type SessionApi,
    type SessionChemicals,
    type Sessions,
  }
}

export = sessions
