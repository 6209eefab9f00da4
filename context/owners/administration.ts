import { randomUUID } from 'node:crypto'
import type { Transaction } from 'kysely'
import { now } from '../cell/clock'
import { database, type OwnerRow, type Schema } from '../sql'
import { Problem } from '../cell'
import { parse, passwordReset, type OwnerKind } from './kind'
import { newPasswordRow } from './credentials'
import { findRowById, findRowByName } from './rows'
import { registerOwner } from './registration'

type Change = Partial<Pick<OwnerRow, 'disabled_at' | 'password_hash'>>

/**
 * All owners of one kind, as their operator manages them (OWASP ASVS 7.4.5). Whatever ends an owner's sessions deletes
 * them and gives him a new security stamp, so that a login in flight, and a session kept elsewhere, ends as well.
 *
 * Each method that takes the name of an owner throws a {@link Problem} 404 where there is none.
 */
export class Owners {
  readonly #kind: OwnerKind
  readonly #by: 'name' | 'id'

  /** @param by what owners are called by: an id is of use where a trust point has given a name to somebody else */
  constructor(kind: OwnerKind, by: 'name' | 'id' = 'name') {
    this.#kind = kind
    this.#by = by
  }

  /** In the order of their names. */
  list(): Promise<OwnerRow[]> {
    return database().selectFrom('owners').selectAll().where('kind', '=', this.#kind.kind).orderBy('name_key').execute()
  }

  /**
   * Creates an owner, even of a kind that nobody can register as.
   *
   * @throws {Problem} 400 for an invalid name or password, 409 for a name that is taken
   */
  create(name: string, password: string): Promise<OwnerRow> {
    return registerOwner(this.#kind, { [this.#kind.nameKey]: name, password })
  }

  async find(name: string): Promise<OwnerRow> {
    const row = await (this.#by === 'name' ? findRowByName(this.#kind, name) : findRowById(this.#kind, name))
    if (!row) throw new Problem(404, 'OWNER_NOT_FOUND', `There is no ${this.#kind.kind} "${name}".`)
    return row
  }

  /** From now on he is nobody: he cannot log in, and his sessions are over. */
  async disable(name: string): Promise<void> {
    const { id, disabled_at } = await this.find(name)
    await this.#change(id, { disabled_at: disabled_at ?? now() })
  }

  /** Lets him log in again. The sessions from before stay over. */
  async enable(name: string): Promise<void> {
    const { id } = await this.find(name)
    await this.#change(id, { disabled_at: null })
  }

  async delete(name: string): Promise<void> {
    const { id } = await this.find(name)
    await database()
      .transaction()
      .execute(async (db) => {
        await db.deleteFrom('owners').where('id', '=', id).execute()
        await endSessions(db, id)
      })
  }

  /** @throws {Problem} 400 for a password that nobody may have, 409 where a trust point keeps it */
  async resetPassword(name: string, password: string): Promise<void> {
    const { id, trust_point } = await this.find(name)
    if (trust_point !== null) throw new Problem(409, 'PASSWORD_KEPT_ELSEWHERE', `${trust_point} keeps this password.`)
    const given = parse(
      passwordReset,
      { password },
      'password',
      (detail) => new Problem(400, 'INVALID_PASSWORD', detail),
    )
    await this.#change(id, await newPasswordRow(given.password))
  }

  /** Ends one owner's sessions. */
  async endSessions(name: string): Promise<void> {
    const { id } = await this.find(name)
    await this.#change(id, {})
  }

  async #change(id: string, change: Change): Promise<void> {
    await database()
      .transaction()
      .execute(async (db) => {
        await db
          .updateTable('owners')
          .set({ security_stamp: randomUUID(), updated_at: now(), ...change })
          .where('id', '=', id)
          .execute()
        await endSessions(db, id)
      })
  }
}

/** Counts the sessions of all owners that have not expired. */
export async function countSessions(): Promise<number> {
  const { count } = await database()
    .selectFrom('sessions')
    .select((expression) => expression.fn.countAll<number>().as('count'))
    .where('expires_at', '>', now())
    .executeTakeFirstOrThrow()
  return count
}

/** Ends the sessions of everybody, of every kind. */
export async function endAllSessions(): Promise<void> {
  await database()
    .transaction()
    .execute(async (db) => {
      await db.updateTable('owners').set({ security_stamp: randomUUID() }).execute()
      await db.deleteFrom('sessions').execute()
    })
}

async function endSessions(db: Transaction<Schema>, ownerId: string): Promise<void> {
  await db.deleteFrom('sessions').where('owner_id', '=', ownerId).execute()
}
