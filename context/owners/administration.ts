import { randomUUID } from 'node:crypto'
import { Problem, type SessionStore } from '../cell'
import type { Database, OwnerRow } from '../sql'
import { hashNewPassword } from './password-change'
import { parseInput, passwordReset } from './input'
import type { OwnerKind } from './kind'
import { PasswordHasher } from './passwords'
import { registerOwner } from './registration'
import { OwnerRows } from './rows'

/** What an {@link OwnerAdministration} works on. */
export interface AdministrationOptions {
  kind: OwnerKind
  database: Database
  /** Where the owners' sessions are. Without it, only security stamps end sessions. */
  sessions?: Pick<SessionStore, 'endOwnerSessions' | 'endAll' | 'count'> | undefined
  /** Whether methods take names or ids. Owners whose name the trust point has reassigned can be found only by id. @default 'name' */
  by?: 'name' | 'id' | undefined
}

/**
 * What an operator does to the owners of one kind (OWASP ASVS 7.4.5). Whatever ends an owner's sessions sets a new security
 * stamp first: it alone ends all their logins, also those in flight and those in other stores.
 *
 * Methods that take an owner's name throw a {@link Problem} 404 if there is no such owner.
 */
export class OwnerAdministration {
  readonly #rows: OwnerRows
  readonly #hasher = new PasswordHasher()
  readonly #sessions: AdministrationOptions['sessions']
  readonly #by: 'name' | 'id'

  constructor({ kind, database, sessions, by = 'name' }: AdministrationOptions) {
    this.#rows = new OwnerRows(kind, () => database)
    this.#sessions = sessions
    this.#by = by
  }

  /** Lists all owners by name. */
  list(): Promise<OwnerRow[]> {
    const { query, kind } = this.#rows
    return query.selectFrom('owners').selectAll().where('kind', '=', kind.name).orderBy('name_key').execute()
  }

  /**
   * Creates an owner, also of a kind that strangers cannot register as.
   *
   * @throws {Problem} 400 for an invalid name or password, 409 if the name is taken
   */
  create(name: string, password: string): Promise<OwnerRow> {
    return registerOwner(this.#rows, this.#hasher, { [this.#rows.kind.nameKey]: name, password })
  }

  /** Finds an owner, disabled or not. */
  async find(name: string): Promise<OwnerRow> {
    const row = await (this.#by === 'name' ? this.#rows.findByName(name) : this.#rows.findById(name))
    if (!row) throw new Problem(404, 'OWNER_NOT_FOUND', `There is no ${this.#rows.kind.name} "${name}".`)
    return row
  }

  /** Ends an owner's sessions and refuses further logins. */
  async disable(name: string): Promise<void> {
    const { id, disabled_at } = await this.find(name)
    await this.#change(id, { disabled_at: disabled_at ?? this.#rows.now() })
  }

  /** Lets a disabled owner log in again. Their earlier sessions stay ended. */
  async enable(name: string): Promise<void> {
    const { id } = await this.find(name)
    await this.#change(id, { disabled_at: null })
  }

  /** Deletes an owner and ends their sessions. */
  async delete(name: string): Promise<void> {
    const { id } = await this.find(name)
    await this.#rows.query.deleteFrom('owners').where('id', '=', id).execute()
    await this.#sessions?.endOwnerSessions(id)
  }

  /**
   * Sets an owner's password and ends their sessions.
   *
   * @throws {Problem} 400 for a password that nobody may have, 409 if a trust point keeps it
   */
  async resetPassword(name: string, password: string): Promise<void> {
    const { id, trust_point } = await this.find(name)
    if (trust_point !== null) throw new Problem(409, 'PASSWORD_KEPT_ELSEWHERE', `${trust_point} keeps this password.`)
    const refuse = (detail: string): Problem => new Problem(400, 'INVALID_PASSWORD', detail)
    const given = parseInput(passwordReset, { password }, 'password', refuse)
    await this.#change(id, await hashNewPassword(this.#rows, this.#hasher, given.password))
  }

  /** Ends an owner's sessions. They can log in again. */
  async endSessions(name: string): Promise<void> {
    const { id } = await this.find(name)
    await this.#change(id, {})
  }

  /** Counts the sessions of all owners that have not expired, if a store keeps them. */
  async countSessions(): Promise<number | undefined> {
    return this.#sessions?.count()
  }

  /** Ends the sessions of all owners of every kind. */
  async endAllSessions(): Promise<void> {
    const change = { security_stamp: randomUUID(), updated_at: this.#rows.now() }
    await this.#rows.query.updateTable('owners').set(change).execute()
    await this.#sessions?.endAll()
  }

  async #change(id: string, change: Partial<Pick<OwnerRow, 'disabled_at' | 'password_hash'>>): Promise<void> {
    await this.#rows.query
      .updateTable('owners')
      .set({ security_stamp: randomUUID(), updated_at: this.#rows.now(), ...change })
      .where('id', '=', id)
      .execute()
    await this.#sessions?.endOwnerSessions(id)
  }
}
