import type { Command } from 'commander'
import { randomBytes } from 'node:crypto'
import { emitEvent } from '../cell/chemicals'
import type { OwnerKind } from '../owners/kind'
import type { OwnerRow } from '../sql'
import { openCommandCell, type CommandCell } from './command-cell'
import { askConfirmation } from './confirmation'
import { readPassword } from './password-input'
import { createProgram, runProgram } from './program'
import type { Terminal } from './terminal'

/** The chemicals that say what was done to one owner. */
type OwnerChange = 'OwnerDisabled' | 'OwnerEnabled' | 'OwnerDeleted' | 'PasswordReset' | 'SessionsEnded'

/** The `reason` in the chemicals that commands emit. */
const BY_OPERATOR = 'BY_OPERATOR'

/**
 * Runs one of the operator's commands, whether or not the cell is running.
 *
 * @param parameters the arguments after the program's name
 * @param root the cell's root folder
 * @returns the exit code: 0, or 1 after an error message on `stderr`
 */
export function runOwners(parameters: string[], terminal: Terminal, root: string): Promise<number> {
  return runProgram(createOwnersProgram(terminal, root), parameters, terminal, root)
}

function createOwnersProgram(terminal: Terminal, root: string): Command {
  const program = createProgram('owners', terminal)
    .description(
      'Manages the owners and sessions of the cell in this folder, also while it runs. CELL_MODE chooses its DNA.',
    )
    .option('--id', 'takes ids instead of names, for owners whose name a trust point has given to somebody else')
    .addHelpText(
      'after',
      '\nPut -- before a name or an id that begins with - or comes from a variable: show -- "$name"',
    )

  program
    .command('create <name>')
    .description('creates an owner; asks for the password, or reads it from the first line of standard input')
    .option('--generate', 'generates the password and prints it')
    .action((name: string, { generate }: { generate?: boolean }) =>
      runInCell(async ({ owners, plasma }) => {
        const password = await readNewPassword(generate)
        const { id } = await owners.create(name, password)
        emitEvent(plasma, { type: 'OwnerRegistered', ownerId: id, reason: BY_OPERATOR })
        if (generate) print(password)
      }),
    )

  program
    .command('list')
    .description('prints every owner as a line of JSON')
    .action(() =>
      runInCell(async ({ owners, kind }) => {
        for (const row of await owners.list()) print(jsonOf(row, kind))
      }),
    )

  program
    .command('show <name>')
    .description('prints one owner as a line of JSON')
    .action((name: string) => runInCell(async ({ owners, kind }) => print(jsonOf(await owners.find(name), kind))))

  program
    .command('disable <name>')
    .description("ends an owner's sessions and refuses further logins")
    .action((name: string) => changeOwner('OwnerDisabled', name, ({ owners }) => owners.disable(name)))

  program
    .command('enable <name>')
    .description('lets a disabled owner log in again')
    .action((name: string) => changeOwner('OwnerEnabled', name, ({ owners }) => owners.enable(name)))

  program
    .command('delete <name>')
    .description('deletes an owner and their sessions')
    .action((name: string) => changeOwner('OwnerDeleted', name, ({ owners }) => owners.delete(name)))

  program
    .command('reset-password <name>')
    .description('sets a new password, as in create, and ends the sessions of the owner')
    .option('--generate', 'generates the password and prints it')
    .action((name: string, { generate }: { generate?: boolean }) =>
      changeOwner('PasswordReset', name, async ({ owners }) => {
        const password = await readNewPassword(generate)
        await owners.resetPassword(name, password)
        if (generate) print(password)
      }),
    )

  program
    .command('end-sessions <name>')
    .description('ends the sessions of one owner')
    .action((name: string) => changeOwner('SessionsEnded', name, ({ owners }) => owners.endSessions(name)))

  // Not an option of end-sessions: an owner's name could be mistaken for it.
  program
    .command('end-all-sessions')
    .description('ends the sessions of all owners, after asking')
    .option('--yes', 'does not ask')
    .action(({ yes }: { yes?: boolean }) =>
      runInCell(async ({ owners, plasma }) => {
        if (!yes) {
          // They can be ended even if they cannot be counted.
          const count = await owners.countSessions().catch(() => undefined)
          terminal.stderr.write(`This ends all ${count === undefined ? '' : `${count} `}sessions of all owners.\n`)
          if (!(await askConfirmation('End them?', terminal))) throw new Error('no session was ended')
        }
        await owners.endAllSessions()
        emitEvent(plasma, { type: 'SessionsEnded', reason: BY_OPERATOR })
      }),
    )

  return program

  function print(line: string): void {
    terminal.stdout.write(`${line}\n`)
  }

  /** Generates a password that is as hard to guess as a session id, or reads one. */
  async function readNewPassword(generate: boolean | undefined): Promise<string> {
    return generate ? randomBytes(18).toString('base64url') : readPassword(terminal)
  }

  async function runInCell(work: (cell: CommandCell) => Promise<void>): Promise<void> {
    const cell = await openCommandCell(root, program.opts<{ id?: boolean }>().id ? 'id' : 'name')
    try {
      await work(cell)
      await cell.sessions?.deleteEnded()
    } finally {
      await cell.close()
    }
  }

  function changeOwner(type: OwnerChange, name: string, change: (cell: CommandCell) => Promise<void>): Promise<void> {
    return runInCell(async (cell) => {
      // Afterwards the owner may not exist.
      const { id } = await cell.owners.find(name)
      await change(cell)
      emitEvent<OwnerChange>(cell.plasma, { type, ownerId: id, reason: BY_OPERATOR })
    })
  }
}

/** An owner as a line of JSON, for `list` and `show`. */
function jsonOf(row: OwnerRow, { nameKey }: OwnerKind): string {
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
