import { InvalidCredentialsShape } from '../../context/cell'
import type { Credentials } from './credentials'
import type { LoginRecords, LoginRecord } from './login-record'
import { callModel, isKeptElsewhere, type AnyModel, type Owner } from './owner-model'
import type { TrustPoint } from './trust-point'

/** The owner of credentials, and what to store about the login. */
export interface Authenticated {
  owner: Owner
  record: LoginRecord
}

type Fields = Credentials['fields']

/** What an {@link Authenticator} asks. */
interface Sources {
  ownerModel: AnyModel
  records: LoginRecords
  /** The trust point for users. */
  users: TrustPoint | undefined
  /** The trust point for applications. */
  applications: TrustPoint | undefined
}

/**
 * Finds the owner of credentials: in the local model first, then at the trust point for users. Credentials with an
 * `ownerId` are an application's. It acts for that owner if the trust point for applications knows it.
 */
export class Authenticator {
  readonly #sources: Sources

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /**
   * @param address the client's, for trust points
   * @returns nothing if no owner has these credentials
   * @throws {InvalidCredentialsShape} for an `ownerId`, if no application may act here
   * @throws {Problem} what {@link TrustPoint.login} throws, and whatever the model fails with
   */
  async authenticate(
    { fields, ownerId, isRemembered }: Credentials,
    address: string | undefined,
  ): Promise<Authenticated | undefined> {
    const found = await (ownerId === undefined
      ? this.#authenticateOwner(fields, address)
      : this.#authenticateApplication(fields, ownerId, address))
    return found && { owner: found.owner, record: { ...found.record, ...(isRemembered && { remember: true }) } }
  }

  async #authenticateOwner(fields: Fields, address: string | undefined): Promise<Authenticated | undefined> {
    const { ownerModel, records } = this.#sources
    const local = await callModel(ownerModel, 'findByCredentials', fields)
    if (local) return { owner: local, record: {} }
    const owner = await this.#fetchOwner(fields, undefined, address)
    return owner && { owner, record: { trustedUntil: records.trustedUntil() } }
  }

  async #authenticateApplication(
    fields: Fields,
    ownerId: string | number,
    address: string | undefined,
  ): Promise<Authenticated | undefined> {
    const { ownerModel, records, applications } = this.#sources
    if (!applications) {
      throw new InvalidCredentialsShape('This cell lets no application act for an owner: ownerId is not accepted.')
    }
    const application = await applications.login(fields, address)
    if (!application) return undefined

    const actor = { id: readId(application, applications) }
    if (actor.id === undefined) throw applications.invalid('names no application')
    // If DNA names a cell of users here by mistake, any of its users could act for anybody.
    if ('username' in application && !('appname' in application))
      throw applications.invalid('names a user, not an application')
    const known = await callModel(ownerModel, 'findById', ownerId)
    // A trust point may have deleted an owner whom it keeps.
    const owner = known && !isKeptElsewhere(known) ? known : await this.#fetchOwner(fields, ownerId, address)
    return owner && { owner, record: { actor, trustedUntil: records.trustedUntil() } }
  }

  /** Asks the trust point for users, and stores the owner that it answers with. */
  async #fetchOwner(
    fields: Fields,
    ownerId: string | number | undefined,
    address: string | undefined,
  ): Promise<Owner | undefined> {
    const { ownerModel, users } = this.#sources
    if (!users) return undefined
    const ownerData = await users.login(ownerId === undefined ? fields : { ...fields, ownerId }, address)
    if (!ownerData) return undefined

    const id = readId(ownerData, users)
    if (ownerId !== undefined && id !== undefined && String(id) !== String(ownerId)) {
      throw users.invalid('names another owner than the one asked for')
    }
    return callModel(ownerModel, 'createOrUpdate', ownerData, users.endpoint)
  }
}

/**
 * The id in a trust point's answer, if it has one.
 *
 * @throws {RemoteInvalid} for anything but a string or a safe integer. Larger numbers are ambiguous
 */
function readId(answer: Record<string, unknown>, point: TrustPoint): string | number | undefined {
  const id = answer['id'] ?? answer['_id']
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' && id !== '' && id.length <= 255) return id
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  throw point.invalid('has an id that is neither a string nor a safe integer')
}
