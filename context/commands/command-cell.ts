import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { attributeError } from '../cell/boot-watch'
import { Clock } from '../cell/clock'
import { readDna } from '../cell/dna'
import { useCompiledPaths } from '../cell/dna/compiled-paths'
import { DnaError, dnaErrorsOf, throwDnaErrors } from '../cell/dna/error'
import type { DnaSource } from '../cell/dna/explain'
import { EventBus } from '../cell/event-bus'
import { Nucleus } from '../cell/nucleus'
import { resolvePath } from '../cell/root'
import { OwnerAdministration } from '../owners/administration'
import type { OwnerKind } from '../owners/kind'
import { StoredOwners } from '../owners/stored-owners'

/** The parts of a cell that a command works with, on a plasma of their own: database, session store and audit log. */
export interface CommandCell {
  plasma: Organic.Plasma
  kind: OwnerKind
  owners: OwnerAdministration
  close(): Promise<void>
}

const CODE_ROOT = join(__dirname, '../..')
/** The organelle that stores `SessionStore`, wherever the code is. */
const SESSION_STORE_SOURCE = /(^|\/)plasma\/express-sessions(\/index)?(\.[jt]s)?$/

/** The branches of the DNA whose variables a command needs. */
const NEEDED = [
  'plasma.audit',
  'plasma.database',
  'plasma.express-sessions',
  'plasma.redis',
  'plasma.sessions.ownerModelPath',
]

/** Where the DNA of the cell in `root` is. */
export function dnaSourceOf(root: string): DnaSource {
  return { folder: join(root, 'dna'), mode: process.env['CELL_MODE'] }
}

/**
 * Builds the organelles that a command needs, by the DNA of the cell in `root`.
 *
 * @param by whether the command names owners by name or by id
 * @throws {Error} if the cell's owners are not in its database, or an organelle fails
 */
export async function openCommandCell(root: string, by: 'name' | 'id'): Promise<CommandCell> {
  const { dna, errors } = await readDna({ ...dnaSourceOf(root), needed: NEEDED })
  throwDnaErrors(errors.filter((error) => !isAboutSecret(error)))
  useCompiledPaths(dna, root, CODE_ROOT)
  const plasma: Organic.Plasma = new EventBus()
  await plasma.store({ type: 'CellRoot', data: root })
  await plasma.store({ type: 'Clock', data: new Clock() })
  const nucleus = new Nucleus(plasma, dna, root)
  const [audit, configured, redis, expressSessions, sessions] = [
    'audit',
    'database',
    'redis',
    'express-sessions',
    'sessions',
  ].map((name) => withoutNeeds(dna.plasma[name]))
  if (!configured || typeof (configured['url'] ?? configured['file']) !== 'string')
    throw new Error('dna/plasma/database: there is no database to work on')
  // A command may change every owner there is.
  const database = 'url' in configured ? { ...configured, statementSeconds: 3600 } : configured
  checkKeys(nucleus, sessions)
  const kind = findKind(plasma, sessions)
  const hasStore = SESSION_STORE_SOURCE.test(String(expressSessions?.['source']))

  const close = async (): Promise<void> => {
    await plasma.emit('killed')
  }
  const failed = new Promise<never>((_resolve, reject) => {
    plasma.once('CellFailed', ({ dna: failing, error }) => {
      const name = failing === database ? 'database' : failing === redis ? 'redis' : 'express-sessions'
      reject(attributeError(error, name))
    })
  })
  const opened = new Promise<Organic.Chemical<'Database'>>((resolve) => {
    plasma.once('Database', resolve)
  })
  const stored = new Promise<Organic.Chemical<'SessionStore'> | undefined>((resolve) => {
    if (hasStore) plasma.once('SessionStore', resolve)
    else resolve(undefined)
  })
  try {
    if (audit) build(nucleus, 'audit', apartFromOutput(audit))
    // A command signs no cookies: it must neither need the cell's secret nor create one.
    const secret = randomBytes(32).toString('hex')
    if (hasStore) build(nucleus, 'express-sessions', { ...expressSessions, secret })
    build(nucleus, 'database', database)
    if (hasStore && redis) build(nucleus, 'redis', redis)
    const [{ data }, store] = await Promise.race([failed, Promise.all([opened, stored])])
    return { plasma, kind, owners: new OwnerAdministration({ kind, database: data, sessions: store?.data, by }), close }
  } catch (error) {
    await close()
    throw error
  }
}

function isAboutSecret({ branch, key }: DnaError): boolean {
  return String(branch) === 'plasma,express-sessions' && key.split('.')[0] === 'secret'
}

/** `needs` is for the cell that boots. Nothing for an organelle that is off. */
function withoutNeeds(dna: unknown): Organic.Dna | undefined {
  if (typeof dna !== 'object' || dna === null) return undefined
  return Object.fromEntries(Object.entries(dna).filter(([key]) => key !== 'needs'))
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
  const isModel = typeof exported !== 'function' || 'findById' in exported
  const model = isModel
    ? exported
    : (exported as (plasma: Organic.Plasma, dna: Organic.Dna) => unknown)(plasma, sessions)
  if (model instanceof StoredOwners) return model.kind
  throw new Error(
    `dna/plasma/sessions: ownerModelPath: ${String(path)} does not keep its owners in the cell's database`,
  )
}

/** Audit lines for the cell's output go to stderr: a command's own output is for programs. */
function apartFromOutput(audit: Organic.Dna): Organic.Dna {
  const { destination = 'stdout' } = audit
  return { ...audit, destination: destination === 'stdout' ? 'stderr' : destination }
}

function build(nucleus: Nucleus, name: string, dna: Organic.Dna): void {
  nucleus.build(dna, (error) => {
    if (error) throw attributeError(error, name)
  })
}
