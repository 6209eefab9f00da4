import { randomBytes } from 'node:crypto'
import { copyDna } from '../cell/dna/variables'
import { resolvePath } from '../cell/root'
import { messageOf } from '../cell/thrown'
import type { Database, CellTables } from '../sql'
import { parseServer } from '../sql/postgres/server'
import { SqlTarget, isRowTarget, type RowTarget } from '../sql/row-target'
import { CommandOrganelles } from './organelles'

/** Where the tables of a cell are moved to. */
export interface MoveTarget {
  readonly database: Database
  readonly tables: { readonly [Table in keyof CellTables]: RowTarget<CellTables[Table]> }
}

/** What a move is made from, by the DNA of its cell. */
export interface MovePlan {
  /** Absolute path of the SQLite file. */
  readonly file: string
  /** Names in DNA of the tables that stay behind, because they are not the cell's own. */
  readonly left: string[]
  /** Opens what the rows are moved to. PostgreSQL gets its tables. */
  open(): Promise<MoveTarget>
  close(): Promise<void>
}

/** The branches of `plasma` whose variables a move needs. */
const NEEDED = ['database', 'express-sessions', 'throttle']
/** How long a query of a batch may take, at least, in seconds. */
const STATEMENT_SECONDS = 60

/**
 * Reads from the DNA of the cell in `root` what to move from where to where.
 *
 * @param to URL of a PostgreSQL database, instead of the one in DNA
 */
export async function planMove(root: string, to: string | undefined): Promise<MovePlan> {
  if (to !== undefined) checkUrl(to)
  const changes = to === undefined ? undefined : { plasma: { database: { url: to } } }
  const organelles = await CommandOrganelles.read(root, NEEDED, changes)
  const database = organelles.dnaOf('database')
  const { file, url, migrations } = (database ?? {}) as { file?: unknown; url?: unknown; migrations?: object }
  if (!database || typeof file !== 'string') throw new Error('dna/plasma/database: there is no file to move from')
  if (typeof url !== 'string') {
    const instead = 'pass --to, or its DATABASE_URL with CELL_MODE=_production+_cluster'
    throw new Error(`there is no PostgreSQL server to move to: ${instead}`)
  }
  return {
    file: resolvePath(organelles.plasma, file),
    left: Object.keys(migrations ?? {}),
    open: () => openTarget(organelles, copyDna(database, { url })),
    close: () => organelles.close(),
  }
}

function checkUrl(to: string): void {
  try {
    parseServer(to)
  } catch (error) {
    throw new Error(`--to: ${messageOf(error)}`, { cause: error })
  }
}

async function openTarget(organelles: CommandOrganelles, database: Organic.Dna & { url: string }): Promise<MoveTarget> {
  const { statementSeconds = 0 } = database as { statementSeconds?: unknown }
  // A move signs no cookies: it must neither need the cell's secret nor create one.
  const storeDna = copyDna(organelles.dnaOf('express-sessions') ?? {}, { secret: randomBytes(32).toString('hex') })
  const countsDna = organelles.dnaOf('throttle') ?? {}
  if (organelles.isOwn('express-sessions')) organelles.check('express-sessions', storeDna)
  if (organelles.isOwn('throttle')) organelles.check('throttle', countsDna)
  const storeBackend = organelles.findBackend('express-sessions')
  const countsBackend = organelles.findBackend('throttle')
  if (storeBackend) organelles.build('express-sessions', storeDna)
  if (countsBackend) organelles.build('throttle', countsDna)
  organelles.build(
    'database',
    copyDna(database, { statementSeconds: Math.max(Number(statementSeconds), STATEMENT_SECONDS) }),
  )
  // By name: both may be the same.
  const backends = new Map([storeBackend, countsBackend].map((backend) => [backend?.name, backend?.dna]))
  for (const [name, dna] of backends) if (name && dna) organelles.build(name, dna)

  const [{ data }, store, counts] = await Promise.all([
    organelles.ready('Database'),
    storeBackend ? organelles.ready('SessionStore') : undefined,
    // There are no others.
    countsBackend ? organelles.ready('RedisCounts') : undefined,
  ])
  const sessions = store?.data
  if (sessions && !isRowTarget<CellTables['sessions']>(sessions))
    throw new Error('dna/plasma/express-sessions: the store cannot take the sessions of another one')
  const place = `PostgreSQL at ${parseServer(database.url).name}`
  return {
    database: data,
    tables: {
      owners: new SqlTarget(data, 'owners', place),
      sessions: sessions ?? new SqlTarget(data, 'sessions', place),
      throttles: counts?.data ?? new SqlTarget(data, 'throttles', place),
    },
  }
}
