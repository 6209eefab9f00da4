import { Command, CommanderError } from 'commander'
import { randomBytes } from 'node:crypto'
import { emitEvent } from '../cell/chemicals'
import { closeDatabase, openDatabase, type OwnerRow } from '../sql'
import { explain } from '../cell/dna'
import type { OwnerKind } from '../owners/kind'
import { countSessions, endAllSessions } from '../owners/administration'
import { confirm } from './confirmation'
import { readPassword } from './password-input'
import { findPlace, sourceOfDna, type Place } from './place'
import type { Terminal } from './terminal'

/** The `reason` in the chemicals that commands emit. */
const BY_OPERATOR = 'BY_OPERATOR'

/**
 * Runs one of the operator's commands on the cell in the working directory.
 *
 * @param parameters the arguments after the program's name
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export async function runOwners(parameters: string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal)
  try {
    await program.parseAsync(parameters, { from: 'user' })
    return 0
  } catch (error) {
    // Commander has printed it.
    if (error instanceof CommanderError) return error.exitCode
    terminal.stderr.write(`${explain(error, sourceOfDna()).message.replace(/^/gm, 'owners: ')}\n`)
    return 1
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('owners')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .description(
      'Manages the owners and sessions of the cell in this folder, also while it runs. CELL_MODE chooses its DNA.',
    )
    .option('--id', 'takes the ids of owners instead of names, which a trust point may have given to somebody else')
    .addHelpText(
      'after',
      '\nPut -- before a name or an id that begins with - or comes from a variable: show -- "$name"',
    )
    .showHelpAfterError()

  program
    .command('create <name>')
    .description('creates an owner; asks for the password, or reads it from the first line of standard input')
    .option('--generate', 'makes the password and prints it')
    .action((name: string, { generate }: { generate?: boolean }) =>
      run(async ({ owners, plasma }) => {
        const password = await newPassword(generate)
        const { id } = await owners.create(name, password)
        emitEvent(plasma, { type: 'OwnerRegistered', ownerId: id, reason: BY_OPERATOR })
        if (generate) print(password)
      }),
    )

  program
    .command('list')
    .description('prints every owner as a line of JSON')
    .action(() => run(async ({ owners, kind }) => (await owners.list()).forEach((row) => print(shownOwner(row, kind)))))

  program
    .command('show <name>')
    .description('prints one owner as a line of JSON')
    .action((name: string) => run(async ({ owners, kind }) => print(shownOwner(await owners.find(name), kind))))

  program
    .command('disable <name>')
    .description('logs an owner out and refuses further logins')
    .action((name: string) => change('OwnerDisabled', name, ({ owners }) => owners.disable(name)))

  program
    .command('enable <name>')
    .description('lets a disabled owner log in again')
    .action((name: string) => change('OwnerEnabled', name, ({ owners }) => owners.enable(name)))

  program
    .command('delete <name>')
    .description('deletes an owner and their sessions')
    .action((name: string) => change('OwnerDeleted', name, ({ owners }) => owners.delete(name)))

  program
    .command('reset-password <name>')
    .description('gives an owner a new password, as in create, and ends their sessions')
    .option('--generate', 'makes the password and prints it')
    .action((name: string, { generate }: { generate?: boolean }) =>
      change('PasswordReset', name, async ({ owners }) => {
        const password = await newPassword(generate)
        await owners.resetPassword(name, password)
        if (generate) print(password)
      }),
    )

  program
    .command('end-sessions <name>')
    .description('ends the sessions of one owner')
    .action((name: string) => change('SessionsEnded', name, ({ owners }) => owners.endSessions(name)))

  // Not an option of the command above: an owner's name could be mistaken for it.
  program
    .command('end-all-sessions')
    .description('ends the sessions of all owners, after asking')
    .option('--yes', 'does not ask')
    .action(({ yes }: { yes?: boolean }) =>
      run(async ({ plasma }) => {
        const count = await countSessions()
        terminal.stderr.write(`This ends all ${count} sessions of all owners.\n`)
        if (!yes && !(await confirm('End them?', terminal))) throw new Error('no session was ended')
        await endAllSessions()
        emitEvent(plasma, { type: 'SessionsEnded', reason: BY_OPERATOR })
      }),
    )

  return program

  function print(line: string): void {
    terminal.stdout.write(`${line}\n`)
  }

  /** @returns a generated password, as hard to guess as a session id, or the one that was typed */
  async function newPassword(generate: boolean | undefined): Promise<string> {
    return generate ? randomBytes(18).toString('base64url') : readPassword(terminal)
  }

  /** Opens the cell's database, works on it, and closes it. */
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

  /** Changes an owner and emits the chemical. */
  function change(type: string, name: string, work: (place: Place) => unknown): Promise<void> {
    return run(async (place) => {
      const { id } = await place.owners.find(name)
      await work(place)
      emitEvent(place.plasma, { type, ownerId: id, reason: BY_OPERATOR })
    })
  }
}

/** An owner as a line of JSON. */
function shownOwner(row: OwnerRow, { nameKey }: OwnerKind): string {
  return JSON.stringify({
    id: row.id,
    [nameKey]: row.own_name,
    name: row.name ?? undefined,
    email: row.email ?? undefined,
    trustPoint: row.trust_point ?? undefined,
    createdAt: new Date(row.created_at).toISOString(),
    disabledAt: row.disabled_at === null ? undefined : new Date(row.disabled_at).toISOString(),
  })
}
