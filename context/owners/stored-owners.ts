import { LoginRequired, callBack, type Callback } from '../cell'
import type { Database, OwnerRow } from '../sql'
import { changePassword } from './password-change'
import { findOwnerByCredentials } from './password-check'
import type { OwnerKind } from './kind'
import type { PasswordHasher } from './passwords'
import { registerOwner } from './registration'
import { saveRemoteOwner } from './remote'
import { OwnerRows } from './rows'

/** An owner in the cell's database. Classes that extend this one add the name under a key of their own. */
export abstract class StoredOwner {
  readonly id: string
  readonly #shown: Record<string, string>
  readonly #trustPoint: string | undefined
  readonly #securityStamp: string

  /** @param nameKey the name's key in JSON, as in `username` */
  constructor(row: OwnerRow, nameKey: string) {
    this.id = row.id
    const profile = { ...(row.name !== null && { name: row.name }), ...(row.email !== null && { email: row.email }) }
    this.#shown = { id: row.id, [nameKey]: row.own_name, ...profile }
    this.#trustPoint = row.trust_point ?? undefined
    this.#securityStamp = row.security_stamp
  }

  /** The trust point that keeps this owner. Absent for owners who registered here. */
  get trustPoint(): string | undefined {
    return this.#trustPoint
  }

  /** Changing it ends all earlier logins. */
  get securityStamp(): string {
    return this.#securityStamp
  }

  /** What others may see. An owner has no hash, so it cannot leak one. */
  toJSON(): Record<string, string> {
    return { ...this.#shown }
  }
}

/** What {@link StoredOwners} are made of. */
export interface StoredOwnersOptions<O extends StoredOwner> {
  kind: OwnerKind
  /** The class of each owner. */
  Owner: new (row: OwnerRow) => O
  /** As from {@link databaseOf}. */
  database: () => Database
  hasher: PasswordHasher
}

/**
 * An owner model with owners of one kind in the cell's database. The documented functions answer by callback, or by promise
 * if they get none. Disabled owners are not found.
 *
 * @example
 * export = (plasma: Organic.Plasma) =>
 *   new StoredOwners({
 *     kind: createOwnerKind('member', 'email'),
 *     Owner: Member,
 *     database: databaseOf(plasma),
 *     hasher: new PasswordHasher(),
 *   })
 */
export class StoredOwners<O extends StoredOwner> {
  readonly kind: OwnerKind
  readonly #Owner: StoredOwnersOptions<O>['Owner']
  readonly #rows: OwnerRows
  readonly #hasher: PasswordHasher

  constructor({ kind, Owner, database, hasher }: StoredOwnersOptions<O>) {
    this.kind = kind
    this.#Owner = Owner
    this.#rows = new OwnerRows(kind, database)
    this.#hasher = hasher
  }

  /** Finds an owner by id. */
  findById(id: unknown, callback?: Callback<O>): Promise<O | undefined> {
    return this.#answer(this.#rows.findEnabledById(id), callback)
  }

  /**
   * Finds an owner by name and password.
   *
   * @param credentials as received
   * @throws {InvalidCredentialsShape} (to the callback, if there is one) if they have the wrong shape
   */
  findByCredentials(credentials: unknown, callback?: Callback<O>): Promise<O | undefined> {
    return this.#answer(findOwnerByCredentials(this.#rows, this.#hasher, credentials), callback)
  }

  /**
   * Saves the owner in a trust point's answer, under the id that they have there. Never changes owners who registered here
   * or come from another trust point (OWASP ASVS 6.8.1).
   *
   * @param ownerData the id, the name and a profile. Other fields are dropped
   * @param from the trust point
   * @throws {RemoteInvalid} (to the callback, if there is one) if the answer is not an owner, or names somebody else's
   */
  createOrUpdate(ownerData: unknown, callback?: Callback<O>, from = ''): Promise<O | undefined> {
    return this.#answer(saveRemoteOwner(this.#rows, ownerData, from), callback)
  }

  /** Finds the id of the owner whose name the credentials have, whatever their password. Only for audit logs. */
  async claimedId(credentials: unknown): Promise<string | undefined> {
    const { [this.kind.nameKey]: name } = Object(credentials) as Record<string, unknown>
    return (await this.#rows.findByName(name))?.id
  }

  /**
   * Changes an owner's password, which ends all their logins.
   *
   * @param change `currentPassword` and `newPassword`, as received
   * @returns the owner with the new security stamp
   * @throws {Problem} 400 for an invalid change, 401 if there is no such owner, 403 if the current password is wrong, 409 if
   * a trust point keeps the password
   */
  async changePassword(id: unknown, change: unknown): Promise<O> {
    const row = await this.#rows.findEnabledById(id)
    if (!row) throw new LoginRequired()
    return new this.#Owner(await changePassword(this.#rows, this.#hasher, row, change))
  }

  /** For a model that lets strangers register. See {@link registerOwner}. */
  protected async create(registration: unknown): Promise<O> {
    return new this.#Owner(await registerOwner(this.#rows, this.#hasher, registration))
  }

  #answer(finding: Promise<OwnerRow | undefined>, callback: Callback<O> | undefined): Promise<O | undefined> {
    return callBack(
      finding.then((row) => row && new this.#Owner(row)),
      callback,
    )
  }
}
