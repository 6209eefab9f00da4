import { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { closeDatabase, openDatabase, type OwnerRow } from '../database'
import { explain, loadDna, type DnaOptions } from '../dna'
import { useCompiledPaths } from '../dna/compiled-paths'
import type { OwnerKind } from '../models/owner-kind'
import { Owners, endAllSessions } from '../models/owners'
import { readPassword } from './password-input'

/** A model of this cell: one that keeps its owners in the cell's database. */
interface StoredModel {
  kind: OwnerKind
  register(registration: Record<string, string>): Promise<unknown>
}

/** What the DNA of the working directory says of owners: where they are, and which they are. */
interface Place {
  file: string
  model: StoredModel
  owners: Owners
}

const ROOT = join(__dirname, '../..')
const SOURCE: DnaOptions = {
  folder: join(process.cwd(), 'dna'),
  mode: process.env['CELL_MODE'],
  needed: ['plasma.database', 'plasma.sessions.ownerModelPath'],
}

const program = new Command('owners')
  .description('Manages the owners and sessions of the cell in this folder, also while it runs. CELL_MODE chooses its DNA.')
  .option('--id', 'owners are called by their id: a trust point may have given a name to somebody else')
  .showHelpAfterError()

program
  .command('create <name>')
  .description('makes an owner; the password is asked for, or the first line of the standard input')
  .option('--generate', 'makes the password and prints it')
  .action((name: string, { generate }: { generate?: boolean }) =>
    run(async ({ model }) => {
      const password = await newPassword(generate)
      await model.register({ [model.kind.nameKey]: name, password })
      if (generate) console.log(password)
    }),
  )

program
  .command('list')
  .description('prints every owner as a line of JSON')
  .action(() => run(async ({ owners, model }) => print(await owners.list(), model.kind)))

program
  .command('show <name>')
  .description('prints one owner as a line of JSON')
  .action((name: string) => run(async ({ owners, model }) => print([await owners.find(name)], model.kind)))

program
  .command('disable <name>')
  .description('logs an owner out, and lets him in no more')
  .action((name: string) => run(({ owners }) => owners.disable(name)))

program
  .command('enable <name>')
  .description('lets a disabled owner log in again')
  .action((name: string) => run(({ owners }) => owners.enable(name)))

program
  .command('delete <name>')
  .description('deletes an owner and his sessions')
  .action((name: string) => run(({ owners }) => owners.delete(name)))

program
  .command('reset-password <name>')
  .description('gives an owner a new password and ends his sessions; as for create')
  .option('--generate', 'makes the password and prints it')
  .action((name: string, { generate }: { generate?: boolean }) =>
    run(async ({ owners }) => {
      const password = await newPassword(generate)
      await owners.resetPassword(name, password)
      if (generate) console.log(password)
    }),
  )

program
  .command('end-sessions [name]')
  .description('ends the sessions of one owner, or of all')
  .option('--all', 'of everybody')
  .action((name: string | undefined, { all }: { all?: boolean }) =>
    run(async ({ owners }) => {
      if ((name === undefined) !== (all === true)) throw new Error('name an owner, or say --all')
      if (name === undefined) await endAllSessions()
      else await owners.endSessions(name)
    }),
  )

/** @returns one that is as hard to guess as a session */
async function newPassword(generate: boolean | undefined): Promise<string> {
  return generate ? randomBytes(18).toString('base64url') : readPassword()
}

function print(rows: OwnerRow[], { nameKey }: OwnerKind): void {
  for (const row of rows) {
    console.log(
      JSON.stringify({
        id: row.id,
        [nameKey]: row.own_name,
        name: row.name ?? undefined,
        email: row.email ?? undefined,
        trustPoint: row.trust_point ?? undefined,
        createdAt: new Date(row.created_at).toISOString(),
        disabledAt: row.disabled_at === null ? undefined : new Date(row.disabled_at).toISOString(),
      }),
    )
  }
}

/** Works on the cell's database, and closes it. */
async function run(work: (place: Place) => unknown): Promise<void> {
  const place = await findPlace()
  await openDatabase(place.file)
  try {
    await work(place)
  } finally {
    await closeDatabase()
  }
}

async function findPlace(): Promise<Place> {
  const dna = await loadDna(SOURCE)
  useCompiledPaths(dna, ROOT)
  const { database, sessions } = dna.plasma as Record<string, Organic.Dna | undefined>
  if (typeof database?.['file'] !== 'string') throw new Error('dna/plasma/database: there is no database to work on')
  const path = sessions?.['ownerModelPath']
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which module it is, only DNA knows
  const model = typeof path === 'string' ? (require(resolve(path)) as Partial<StoredModel>) : {}
  if (!model.kind) throw new Error(`dna/plasma/sessions: ownerModelPath: ${String(path)} does not keep its owners in the cell's database`)
  return { file: resolve(database['file']), model: model as StoredModel, owners: new Owners(model.kind, program.opts<{ id?: boolean }>().id ? 'id' : 'name') }
}

program.parseAsync().catch((error: unknown) => {
  console.error(`owners: ${explain(error, SOURCE).message}`)
  process.exitCode = 1
})
