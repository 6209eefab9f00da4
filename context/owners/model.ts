import { prepare, type OwnerRow } from '../sql'
import { OwnerNotFound } from '../cell'
import type { OwnerKind, Profile } from './kind'
import { changePassword, findByPassword } from './credentials'
import { findRowByName } from './rows'
import { keepRemote } from './remote'

type Callback<O> = (error?: unknown, owner?: O) => void
/** A model: a class of one kind of owners. */
type Model<O> = (new (row: OwnerRow) => O) & { kind: OwnerKind }

const findRow = prepare((db) =>
  db.selectFrom('owners').selectAll().where('id', '=', '').where('kind', '=', '').where('disabled_at', 'is', null),
)

/**
 * An owner in the cell's database, with a name of his own and a password, or without one where a trust point keeps it.
 * A model is a class that extends this one and says its kind. Each static of the documented interface answers by
 * callback, or by a promise where it gets none. Who is disabled is not found.
 */
export abstract class StoredOwner {
  static readonly kind: OwnerKind

  readonly id: string
  readonly #ownName: string
  readonly #profile: Profile
  readonly #trustPoint: string | undefined
  readonly #securityStamp: string

  constructor(row: OwnerRow) {
    this.id = row.id
    this.#securityStamp = row.security_stamp
    this.#ownName = row.own_name
    this.#trustPoint = row.trust_point ?? undefined
    this.#profile = { ...(row.name !== null && { name: row.name }), ...(row.email !== null && { email: row.email }) }
  }

  /** The trust point that keeps him; nothing for who registered here. */
  get trustPoint(): string | undefined {
    return this.#trustPoint
  }

  /** A new one, as with a new password, ends all that logged in under the old one. */
  get securityStamp(): string {
    return this.#securityStamp
  }

  /** What others may see. Never the hash: an owner does not have it. */
  toJSON(): Record<string, string | undefined> {
    const { kind } = this.constructor as typeof StoredOwner
    return { id: this.id, [kind.nameKey]: this.#ownName, ...this.#profile }
  }

  /**
   * Gives him another password, if he knows his current one. All that logged in before is over.
   *
   * @param change `currentPassword` and `newPassword`, as received
   * @returns the owner as he is now
   * @throws {Problem} 400 for what is no change, 401 where there is no such owner any more, 403 for another password
   * than the current one, 409 where a trust point keeps it
   */
  static async changePassword<O>(this: Model<O>, id: string, change: unknown): Promise<O> {
    const [row] = await findRow(id, this.kind.kind)
    if (!row) throw new OwnerNotFound()
    return new this(await changePassword(row, change))
  }

  /**
   * Keeps a trust point's answer as an owner under the id that it has there. Owners who registered here, and those of
   * another trust point, are never changed: an answer that names one of them is refused (OWASP ASVS 6.8.1).
   *
   * @param ownerData the id, the name, a profile, and whatever else, which is dropped
   * @param from the trust point
   * @throws {RemoteInvalid} (in the callback) when the answer is no owner, or another one's
   */
  static createOrUpdate<O>(
    this: Model<O>,
    ownerData: unknown,
    callback?: Callback<O>,
    from = '',
  ): Promise<O | undefined> {
    const kept = keepRemote(this.kind, ownerData, from)
    return answer(
      kept.then((row) => row && new this(row)),
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

  /** The id of the owner whose name these credentials have, whatever their password. For logs alone. */
  static async claimedId(credentials: unknown): Promise<string | undefined> {
    const { [this.kind.nameKey]: name } = Object(credentials) as Record<string, unknown>
    return (await findRowByName(this.kind, name))?.id
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
