import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Database, OwnerRow, Schema } from '../sql'
import type { OwnerKind, Profile } from './kind'
import { canBeName, nameKeyOf } from './name-key'

/** The rows of one kind of owner in a cell's database. */
export class OwnerRows {
  readonly kind: OwnerKind
  readonly #database: () => Database
  /** Prepared when it is first needed: models are built before the database is open. */
  #findEnabled: ((...parameters: unknown[]) => Promise<OwnerRow | undefined>) | undefined

  /** @param database gives the database, or throws {@link StoreUnavailable} before it is open */
  constructor(kind: OwnerKind, database: () => Database) {
    this.kind = kind
    this.#database = database
  }

  /** For queries on owners of any kind. */
  get query(): Kysely<Schema> {
    return this.#database().query
  }

  /** As in {@link Database.transaction}, for work that decides by what it has read. */
  transaction<T>(work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
    return this.#database().transaction(work, 'serializable')
  }

  /** Milliseconds since 1970, by the cell's clock. */
  now(): number {
    return this.#database().clock.now()
  }

  /** Makes the row of a new owner, who cannot log in yet: it has neither a password nor a trust point. */
  newRow({ ownName, name, email }: Profile & { ownName: string }): Omit<OwnerRow, 'id'> {
    const time = this.now()
    return {
      kind: this.kind.name,
      own_name: ownName,
      name_key: nameKeyOf(ownName),
      name: name ?? null,
      email: email ?? null,
      password_hash: null,
      trust_point: null,
      disabled_at: null,
      security_stamp: randomUUID(),
      created_at: time,
      updated_at: time,
    }
  }

  /** Finds an owner, disabled or not, by a name in any case. Anything that cannot be a name finds nobody. */
  async findByName(name: unknown): Promise<OwnerRow | undefined> {
    if (!canBeName(name)) return undefined
    const owners = this.query.selectFrom('owners').selectAll().where('kind', '=', this.kind.name)
    return owners.where('name_key', '=', nameKeyOf(name)).executeTakeFirst()
  }

  /** Finds an owner, disabled or not. */
  async findById(id: string): Promise<OwnerRow | undefined> {
    if (id.includes('\0')) return undefined
    const owners = this.query.selectFrom('owners').selectAll().where('kind', '=', this.kind.name)
    return owners.where('id', '=', id).executeTakeFirst()
  }

  /** Finds an owner who is not disabled. One prepared read, because every request with a session makes it. */
  async findEnabledById(id: unknown): Promise<OwnerRow | undefined> {
    const key = String(id)
    // SQLite on Node 20 would take only what is before the NUL.
    if (key.includes('\0')) return undefined
    this.#findEnabled ??= this.#database().prepare((db) =>
      db.selectFrom('owners').selectAll().where('id', '=', '').where('kind', '=', '').where('disabled_at', 'is', null),
    )
    return this.#findEnabled(key, this.kind.name)
  }
}
