import { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { tell } from '../chemicals'
import { closeDatabase, openDatabase, type OwnerRow } from '../database'
import { explain } from '../dna'
import type { OwnerKind } from '../models/owner-kind'
import { endAllSessions } from '../models/owners'
import { readPassword } from './password-input'
import { SOURCE, findPlace, type Place } from './place'

/** Who did it, in what is told of it. */
const BY_OPERATOR = 'BY_OPERATOR'

const program = new Command('owners')
  .description('Manages the owners and sessions of the cell in this folder, also while it runs. CELL_MODE chooses its DNA.')
  .option('--id', 'owners are called by their id: a trust point may have given a name to somebody else')
  .showHelpAfterError()

program
  .command('create <name>')
  .description('makes an owner; the password is asked for, or the first line of the standard input')
  .option('--generate', 'makes the password and prints it')
  .action((name: string, { generate }: { generate?: boolean }) =>
    run(async ({ model, plasma }) => {
      const password = await newPassword(generate)
      const { id } = await model.register({ [model.kind.nameKey]: name, password })
      tell(plasma, { type: 'OwnerRegistered', ownerId: id, reason: BY_OPERATOR })
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
  .action((name: string) => change('OwnerDisabled', name, ({ owners }) => owners.disable(name)))

program
  .command('enable <name>')
  .description('lets a disabled owner log in again')
  .action((name: string) => change('OwnerEnabled', name, ({ owners }) => owners.enable(name)))

program
  .command('delete <name>')
  .description('deletes an owner and his sessions')
  .action((name: string) => change('OwnerDeleted', name, ({ owners }) => owners.delete(name)))

program
  .command('reset-password <name>')
  .description('gives an owner a new password and ends his sessions; as for create')
  .option('--generate', 'makes the password and prints it')
  .action((name: string, { generate }: { generate?: boolean }) =>
    change('PasswordReset', name, async ({ owners }) => {
      const password = await newPassword(generate)
      await owners.resetPassword(name, password)
      if (generate) console.log(password)
    }),
  )

program
  .command('end-sessions [name]')
  .description('ends the sessions of one owner, or of all')
  .option('--all', 'of everybody')
  .action(async (name: string | undefined, { all }: { all?: boolean }) => {
    if ((name === undefined) !== (all === true)) throw new Error('name an owner, or say --all')
    if (name !== undefined) return change('SessionsEnded', name, ({ owners }) => owners.endSessions(name))
    return run(async ({ plasma }) => {
      await endAllSessions()
      tell(plasma, { type: 'SessionsEnded', reason: BY_OPERATOR })
    })
  })

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
  const place = await findPlace(program.opts<{ id?: boolean }>().id ? 'id' : 'name')
  await openDatabase(place.file)
  try {
    await work(place)
  } finally {
    await place.plasma.emit('killed')
    await closeDatabase()
  }
}

/** Changes an owner, and tells of it. */
function change(type: string, name: string, work: (place: Place) => unknown): Promise<void> {
  return run(async (place) => {
    const { id } = await place.owners.find(name)
    await work(place)
    tell(place.plasma, { type, ownerId: id, reason: BY_OPERATOR })
  })
}

program.parseAsync().catch((error: unknown) => {
  console.error(explain(error, SOURCE).message.replace(/^/gm, 'owners: '))
  process.exitCode = 1
})
