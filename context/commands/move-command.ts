import { StoreUnavailable } from '../cell/problem'
import { messageOf } from '../cell/thrown'
import type { CellTables } from '../sql'
import { SqliteSource } from '../sql/sqlite/source'
import { markMoved, refuseMoved } from './move-mark'
import { planMove, type MoveTarget } from './move-target'
import { createProgram, runProgram } from './program'
import { moveRows } from './row-mover'
import type { Terminal } from './terminal'

/** Time between two lines of progress, in ms. */
const REPORT_INTERVAL = 1000

/**
 * Copies owners, sessions and counts of attempts from the cell's SQLite database to PostgreSQL and Redis.
 *
 * @param parameters the arguments after the program's name
 * @param root the cell's root folder
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export function runMove(parameters: string[], terminal: Terminal, root: string): Promise<number> {
  const print = (line: string): void => void terminal.stderr.write(`move: ${line}\n`)
  const program = createProgram('move', terminal)
    .description(
      'Copies owners, sessions and counts of attempts from the SQLite database of the cell in this folder to PostgreSQL, ' +
        'and to Redis if DNA keeps them there. CELL_MODE chooses the DNA. Stop the cell before; its database is not changed.',
    )
    .option('--to <url>', 'the PostgreSQL database. Other users of this machine can see it, unlike DATABASE_URL')
    .option('--again', 'move although a move to this database is complete: who was logged out there may come back')
    .action((options: Options) => move(root, options, print))
  return runProgram(program, parameters, terminal, root)
}

interface Options {
  to?: string
  again?: boolean
}

async function move(root: string, { to, again = false }: Options, print: (line: string) => void): Promise<void> {
  const plan = await planMove(root, to)
  try {
    for (const name of plan.left) print(`${name}: tables of your own are not copied`)
    const source = new SqliteSource(plan.file)
    try {
      const target = await plan.open()
      await moveFrom(source, target, { file: plan.file, again, print }).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error
        // The message of the error itself is for clients.
        const reason = messageOf(error.cause ?? error)
        throw new Error(`the target cannot be used: ${reason}. Move again when it can`, { cause: error })
      })
    } finally {
      source.close()
    }
  } finally {
    await plan.close()
  }
}

async function moveFrom(
  source: SqliteSource,
  target: MoveTarget,
  { file, again, print }: { file: string; again: boolean; print: (line: string) => void },
): Promise<void> {
  if (!again) await refuseMoved(target.database)
  for (const [table, { place }] of Object.entries(target.tables)) print(`${table}: from ${file} to ${place}`)
  const counts = await moveRows(source, target, createReporter(print))
  const entries = Object.entries(counts)
  const differing = entries.filter(([, { found, expected }]) => found !== expected)
  if (differing.length > 0) {
    const told = differing.map(([table, { found, expected }]) => `${found} of ${expected} ${table}`).join(', ')
    throw new Error(`the counts differ: the target has only ${told}. Move again`)
  }
  source.end()
  await markMoved(target.database)
  print(`verified: the target has all ${entries.map(([table, { expected }]) => `${expected} ${table}`).join(', ')}`)
}

/** Prints how far each table is, not more often than {@link REPORT_INTERVAL} except at its end. */
function createReporter(print: (line: string) => void): (table: keyof CellTables, copied: number, all: number) => void {
  let reportedAt = performance.now()
  return (table, copied, all) => {
    if (copied < all && performance.now() - reportedAt < REPORT_INTERVAL) return
    reportedAt = performance.now()
    print(`${table}: ${copied} of ${all}`)
  }
}
