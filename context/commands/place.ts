import { join, resolve } from 'node:path'
import { loadDna, type CellDna, type DnaOptions } from '../cell/dna'
import { useCompiledPaths } from '../cell/dna/compiled-paths'
import { DnaError, dnaErrorsOf, throwDnaErrors } from '../cell/dna/error'
import type { OwnerKind } from '../owners/kind'
import { Owners } from '../owners/administration'
import { StoredOwner } from '../owners/model'
import { Nucleus } from '../cell/nucleus'
import { EventBus } from '../cell/event-bus'

/** What the DNA of the working directory says of owners: where they are, and which they are. */
export interface Place {
  /** With the cell's audit organelle, if it has one, and no other. */
  plasma: Organic.Plasma
  file: string
  kind: OwnerKind
  owners: Owners
}

const ROOT = join(__dirname, '../..')

/** The DNA that a command needs of the cell's. */
export function sourceOfDna(): DnaOptions {
  return {
    folder: join(process.cwd(), 'dna'),
    mode: process.env['CELL_MODE'],
    needed: ['plasma.audit', 'plasma.database', 'plasma.sessions.ownerModelPath'],
  }
}

/**
 * What the DNA of the working directory says.
 *
 * @param by what owners are called by
 * @throws {Error} where it keeps its owners elsewhere than in a database
 */
export async function findPlace(by: 'name' | 'id'): Promise<Place> {
  const dna = await loadDna(sourceOfDna())
  useCompiledPaths(dna, process.cwd(), ROOT)
  const { database, sessions } = dna.plasma as Record<string, Organic.Dna | undefined>
  checkKeys(new Nucleus(new EventBus(), dna, process.cwd()), { database, sessions })
  if (typeof database?.['file'] !== 'string') throw new Error('dna/plasma/database: there is no database to work on')
  const path = sessions?.['ownerModelPath']
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which module it is, only DNA knows
  const model: unknown = typeof path === 'string' ? require(resolve(path)) : undefined
  if (!keepsStoredOwners(model)) {
    throw new Error(
      `dna/plasma/sessions: ownerModelPath: ${String(path)} does not keep its owners in the cell's database`,
    )
  }
  const plasma: Organic.Plasma = new EventBus()
  buildAudit(plasma, dna)
  return { plasma, file: resolve(database['file']), kind: model.kind, owners: new Owners(model.kind, by) }
}

/** A misspelt key would have the command work on another database than the cell. What else is wrong is for the cell to say. */
function checkKeys(nucleus: Nucleus, organelles: Record<string, Organic.Dna | undefined>): void {
  throwDnaErrors(
    Object.entries(organelles).flatMap(([name, dna]) => {
      try {
        if (typeof dna === 'object') nucleus.check(omitNeeds(dna))
        return []
      } catch (thrown) {
        return dnaErrorsOf(thrown)
          .filter(({ expected }) => expected.startsWith('unknown key'))
          .map(({ key, expected }) => DnaError.at(['plasma', name, key], expected))
      }
    }),
  )
}

/** What is for the cell alone. */
function omitNeeds({ needs: _needs, ...dna }: Organic.Dna): Organic.Dna {
  return dna
}

function keepsStoredOwners(model: unknown): model is typeof StoredOwner {
  return typeof model === 'function' && model.prototype instanceof StoredOwner
}

/** What would be written among the cell's output goes to that of errors here: the command's own is for programs. */
function buildAudit(plasma: Organic.Plasma, dna: CellDna): void {
  const { audit } = dna.plasma
  if (typeof audit !== 'object') return
  const destination = audit['destination'] ?? 'stdout'
  new Nucleus(plasma, dna, process.cwd()).build(
    { ...audit, destination: destination === 'stdout' ? 'stderr' : destination },
    (error) => {
      if (error) throw error as Error
    },
  )
}
