import { randomBytes } from 'node:crypto'
import { copyDna } from '../cell/dna/variables'
import { DnaError, dnaErrorsOf, throwDnaErrors } from '../cell/dna/error'
import type { Nucleus } from '../cell/nucleus'
import type { SessionStore } from '../cell/session-store'
import { resolvePath } from '../cell/root'
import { OwnerAdministration } from '../owners/administration'
import type { OwnerKind } from '../owners/kind'
import { StoredOwners } from '../owners/stored-owners'
import { CommandSessions } from './command-sessions'
import { CommandOrganelles } from './organelles'

/** The parts of a cell that a command works with, on a plasma of their own: database, session store and audit log. */
export interface CommandCell {
  plasma: Organic.Plasma
  kind: OwnerKind
  owners: OwnerAdministration
  /** Absent if no store of this project keeps the sessions. */
  sessions: CommandSessions | undefined
  close(): Promise<void>
}

/** The branches of `plasma` whose variables a command needs. Of `sessions`, only the owner model. */
const NEEDED = ['audit', 'database', 'express-sessions', 'sessions.ownerModelPath']

/**
 * Builds the organelles that a command needs, by the DNA of the cell in `root`. The organelle behind the session store is built
 * only when sessions are used, so that owners can be changed while its server is away.
 *
 * @param by whether the command names owners by name or by id
 * @throws {Error} if the cell's owners are not in its database, or an organelle fails
 */
export async function openCommandCell(root: string, by: 'name' | 'id'): Promise<CommandCell> {
  const organelles = await CommandOrganelles.read(root, NEEDED)
  const { plasma, nucleus } = organelles
  const audit = organelles.dnaOf('audit')
  const configured = organelles.dnaOf('database')
  const sessions = organelles.dnaOf('sessions')
  if (!configured || typeof (configured['url'] ?? configured['file']) !== 'string')
    throw new Error('dna/plasma/database: there is no database to work on')
  // A command may change every owner there is.
  const database = 'url' in configured ? copyDna(configured, { statementSeconds: 3600 }) : configured
  checkKeys(nucleus, sessions)
  const kind = findKind(plasma, sessions)
  const hasStore = organelles.isOwn('express-sessions')
  // A command signs no cookies: it must neither need the cell's secret nor create one.
  const storeDna = copyDna(organelles.dnaOf('express-sessions') ?? {}, { secret: randomBytes(32).toString('hex') })
  if (hasStore) organelles.check('express-sessions', storeDna)
  const backend = organelles.findBackend('express-sessions')
  if (backend) organelles.check(backend.name, backend.dna)

  const close = (): Promise<void> => organelles.close()
  try {
    if (audit) organelles.build('audit', apartFromOutput(audit))
    if (hasStore) organelles.build('express-sessions', storeDna)
    organelles.build('database', database)
    const openStore = async (): Promise<SessionStore> => {
      if (backend) organelles.build(backend.name, backend.dna)
      return (await organelles.ready('SessionStore')).data
    }
    const sessions = hasStore ? new CommandSessions(openStore) : undefined
    const { data } = await organelles.ready('Database')
    const owners = new OwnerAdministration({ kind, database: data, sessions, by })
    return { plasma, kind, owners, sessions, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * With a misspelled key, a command could work on other owners than the cell. Other faults in the DNA of the sessions
 * organelle do not matter to a command.
 */
function checkKeys(nucleus: Nucleus, sessions: Organic.Dna | undefined): void {
  try {
    if (sessions) nucleus.check(sessions)
  } catch (thrown) {
    const unknown = dnaErrorsOf(thrown).filter(({ expected }) => expected.startsWith('unknown key'))
    throwDnaErrors(unknown.map(({ key, expected }) => DnaError.at(['plasma', 'sessions', key], expected)))
  }
}

/**
 * Finds the kind of owners that the cell's model keeps.
 *
 * @throws {Error} if it does not keep them in the cell's database
 */
function findKind(plasma: Organic.Plasma, sessions: Organic.Dna = {}): OwnerKind {
  const { ownerModelPath: path } = sessions
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only DNA knows which module it is
  const exported: unknown = typeof path === 'string' ? require(resolvePath(plasma, path)) : undefined
  const isFactory = typeof exported === 'function' && !('findById' in exported)
  const model = isFactory ? (exported as (...values: unknown[]) => unknown)(plasma, sessions) : exported
  if (model instanceof StoredOwners) return model.kind
  const fault = `${String(path)} does not keep its owners in the cell's database`
  throw new Error(`dna/plasma/sessions: ownerModelPath: ${fault}`)
}

/** Audit lines for the cell's output go to stderr: a command's own output is for programs. */
function apartFromOutput(audit: Organic.Dna): Organic.Dna {
  const { destination = 'stdout' } = audit
  return copyDna(audit, { destination: destination === 'stdout' ? 'stderr' : destination })
}
