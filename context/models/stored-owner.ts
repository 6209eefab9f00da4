import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { database, prepare, type OwnerRow } from '../database'
import { InvalidCredentialsShape, Problem, RemoteInvalid } from '../errors'
import { hashPassword, verifyPassword } from '../passwords'
import type { OwnerKind, Profile } from './owner-kind'

type Callback<O> = (error?: unknown, owner?: O) => void
/** A model: a class of one kind of owners. */
type Model<O> = (new (row: OwnerRow) => O) & { kind: OwnerKind }

const findRow = prepare((db) => db.selectFrom('owners').selectAll().where('id', '=', '').where('kind', '=', ''))

/**
 * An owner in the cell's database, with a name of his own and a password, or without one where a trust point keeps it.
 * A model is a class that extends this one and says its kind. Each static of the documented interface answers by
 * callback, or by a promise where it gets none.
 */
export abstract class StoredOwner {
  static readonly kind: OwnerKind

  readonly id: string
  readonly #ownName: string
  readonly #profile: Profile
  readonly #trustPoint: string | undefined

  constructor(row: OwnerRow) {
    this.id = row.id
    this.#ownName = row.own_name
    this.#trustPoint = row.trust_point ?? undefined
    this.#profile = { ...(row.name !== null && { name: row.name }), ...(row.email !== null && { email: row.email }) }
  }

  /** The trust point that keeps him; nothing for who registered here. */
  get trustPoint(): string | undefined {
    return this.#trustPoint
  }

  /** What others may see. Never the hash: an owner does not have it. */
  toJSON(): Record<string, string | undefined> {
    const { kind } = this.constructor as typeof StoredOwner
    return { id: this.id, [kind.nameKey]: this.#ownName, ...this.#profile }
  }

  /**
   * Makes an owner with a password.
   *
   * @param registration the name, a password, and a profile (`name`, `email`) if he likes; as received
   * @throws {Problem} 400 for what is no registration, 409 when the name is taken
   */
  static async register<O>(this: Model<O>, registration: unknown): Promise<O> {
    const { nameKey } = this.kind
    const given = parse(this.kind, 'registration', registration, (detail) => new Problem(400, 'INVALID_REGISTRATION', detail))
    const password_hash = await hashPassword(given.password)
    const row = { ...newRow(this.kind, given), id: randomUUID(), password_hash }
    const inserted = await database()
      .insertInto('owners')
      .values(row)
      .onConflict((conflict) => conflict.columns(['kind', 'name_key']).doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows !== 1n) {
      throw new Problem(409, `${nameKey.toUpperCase()}_TAKEN`, `This ${nameKey} is taken.`)
    }
    return new this(row)
  }

  /**
   * Keeps a trust point's answer as an owner under the id that it has there. Owners who registered here, and those of
   * another trust point, are never changed: an answer that names one of them is refused (OWASP ASVS 6.8.1).
   *
   * @param ownerData the id, the name, a profile, and whatever else, which is dropped
   * @param from the trust point
   * @throws {RemoteInvalid} (in the callback) when the answer is no owner, or another one's
   */
  static createOrUpdate<O>(this: Model<O>, ownerData: unknown, callback?: Callback<O>, from = ''): Promise<O | undefined> {
    const kept = keepRemote(this.kind, ownerData, from)
    return answer(
      kept.then((row) => new this(row)),
      callback,
    )
  }

  /**
   * @param credentials the name and the password, as received
   * @throws {InvalidCredentialsShape} (in the callback) when they are none
   */
  static findByCredentials<O>(this: Model<O>, credentials: unknown, callback?: Callback<O>): Promise<O | undefined> {
    const found = findByPassword(this.kind, credentials)
    return answer(
      found.then((row) => row && new this(row)),
      callback,
    )
  }

  /** The owner with this id, or none. */
  static findById<O>(this: Model<O>, id: unknown, callback?: Callback<O>): Promise<O | undefined> {
    const text = String(id)
    const found = text.includes('\0') ? Promise.resolve([]) : findRow(text, this.kind.kind)
    return answer(
      found.then(([row]) => row && new this(row)),
      callback,
    )
  }
}

async function findByPassword(kind: OwnerKind, credentials: unknown): Promise<OwnerRow | undefined> {
  if (areOfAnotherKind(kind, credentials)) return undefined
  const given = parse(kind, 'credentials', credentials, (detail) => new InvalidCredentialsShape(detail))
  const row = await database()
    .selectFrom('owners')
    .selectAll()
    .where('kind', '=', kind.kind)
    .where('name_key', '=', nameKeyOf(given.ownName))
    .executeTakeFirst()
  return (await verifyPassword(row?.password_hash, given.password)) ? row : undefined
}

/** Texts under other names than ours may be another model's credentials: a trust point's, who is asked next. */
function areOfAnotherKind({ nameKey }: OwnerKind, credentials: unknown): boolean {
  if (typeof credentials !== 'object' || credentials === null) return false
  if (Array.isArray(credentials) || nameKey in credentials) return false
  const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= 256
  return Object.keys(credentials).some((key) => key !== 'password') && Object.values(credentials).every(isText)
}

async function keepRemote(kind: OwnerKind, ownerData: unknown, from: string): Promise<OwnerRow> {
  const given = parse(kind, 'remote', ownerData, (detail) => new RemoteInvalid(`The trust point's answer is no owner: ${detail}`))
  const row = { ...newRow(kind, given), id: given.id, trust_point: from }
  const { own_name, name_key, name, email, updated_at } = row
  return database()
    .transaction()
    .execute(async (db) => {
      const namesake = await db
        .selectFrom('owners')
        .select(['id', 'trust_point'])
        .where('kind', '=', kind.kind)
        .where('name_key', '=', name_key)
        .executeTakeFirst()
      const known = await db.selectFrom('owners').select(['kind', 'trust_point']).where('id', '=', row.id).executeTakeFirst()
      const isAnother = known && (known.kind !== kind.kind || known.trust_point !== from)
      const hasNamesake = namesake && namesake.id !== row.id
      if (isAnother || (hasNamesake && namesake.trust_point !== from)) {
        throw new RemoteInvalid('The trust point\'s answer names an owner who is another one here.')
      }
      // The trust point has given the name to somebody else: its former owner is no longer found by it.
      if (hasNamesake) await db.updateTable('owners').set({ name_key: `\u0001${namesake.id}` }).where('id', '=', namesake.id).execute()
      if (known) await db.updateTable('owners').set({ own_name, name_key, name, email, updated_at }).where('id', '=', row.id).execute()
      else await db.insertInto('owners').values(row).execute()
      return row
    })
}

function newRow(kind: OwnerKind, { ownName, name, email }: Profile & { ownName: string }): Omit<OwnerRow, 'id'> {
  const now = Date.now()
  return {
    kind: kind.kind,
    own_name: ownName,
    name_key: nameKeyOf(ownName),
    name: name ?? null,
    email: email ?? null,
    password_hash: null,
    trust_point: null,
    disabled_at: null,
    security_stamp: randomUUID(),
    created_at: now,
    updated_at: now,
  }
}

/** Two names that read the same are the same. */
function nameKeyOf(ownName: string): string {
  return ownName.normalize('NFKC').toLowerCase()
}

function parse<S extends 'credentials' | 'registration' | 'remote'>(
  kind: OwnerKind,
  shape: S,
  value: unknown,
  refuse: (detail: string) => Error,
): z.output<OwnerKind[S]> {
  const result = kind[shape].safeParse(value)
  if (result.success) return result.data as z.output<OwnerKind[S]>
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw refuse('There are fields that are not expected.')
  const field = issue?.path.join('.')
  throw refuse(field ? `${field} ${issue?.message ?? 'is invalid'}.` : `An object with ${kind.nameKey} and password is expected.`)
}

/** Documented: an owner that is not found is a callback without arguments. */
function answer<O>(found: Promise<O | undefined>, callback: Callback<O> | undefined): Promise<O | undefined> {
  if (!callback) return found
  found.then(
    (owner) => {
      if (owner) process.nextTick(callback, null, owner)
      else process.nextTick(callback)
    },
    (error: unknown) => {
      process.nextTick(callback, error)
    },
  )
  return found.catch(() => undefined)
}
