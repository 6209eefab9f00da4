import { now } from '../../context/cell/clock'
import { InvalidCredentialsShape } from '../../context/cell'
import type { SessionsDna } from './dna'
import { isKeptElsewhere } from './login'
import { ask, type AnyModel } from './owner-model'
import type { Credentials } from './shape'
import type { TrustPoint } from './trust-point'
import type { Login, Owner } from './types'

/** The owner of credentials, and what to store about the login. */
export interface Found {
  owner: Owner
  login: Login
}

type Fields = Credentials['fields']

/**
 * Finds the owner of credentials: in the local model first, then at the single point of trust. Credentials with an
 * `ownerId` are an application's, which logs in for that owner once the applications' point of trust knows it.
 */
export class CredentialsFinder {
  readonly #model: AnyModel
  readonly #sessionLength: number
  readonly #users: TrustPoint | undefined
  readonly #applications: TrustPoint | undefined
  readonly #from: string

  constructor(dna: SessionsDna, model: AnyModel) {
    const { remoteLoginEndpoint, remoteAuthenticateEndpoint } = dna
    this.#model = model
    this.#sessionLength = dna.remoteSessionSeconds * 1000
    this.#users = trustPointAt(remoteLoginEndpoint, dna)
    this.#applications = trustPointAt(remoteAuthenticateEndpoint, dna)
    this.#from = remoteLoginEndpoint ?? ''
  }

  /**
   * @param address of the client who sent the credentials, for trust points
   * @throws {InvalidCredentialsShape} for an `ownerId`, if no application may act here
   */
  async find({ fields, ownerId, isRemembered }: Credentials, address?: string): Promise<Found | undefined> {
    const found = await (ownerId === undefined
      ? this.#findOwner(fields, address)
      : this.#findDelegated(fields, ownerId, address))
    return found && { owner: found.owner, login: { ...found.login, ...(isRemembered && { remember: true }) } }
  }

  /** Closes the connections to the trust points. */
  async close(): Promise<void> {
    await Promise.all([this.#users?.close(), this.#applications?.close()])
  }

  async #findOwner(fields: Fields, address: string | undefined): Promise<Found | undefined> {
    const local = await ask(this.#model, 'findByCredentials', fields)
    if (local) return { owner: local, login: {} }
    const owner = await this.#findRemote(fields, undefined, address)
    return owner && { owner, login: { trustedUntil: this.#trustedUntil() } }
  }

  async #findDelegated(
    fields: Fields,
    ownerId: string | number,
    address: string | undefined,
  ): Promise<Found | undefined> {
    if (!this.#applications) {
      throw new InvalidCredentialsShape('This cell lets no application act for an owner: ownerId is not accepted.')
    }
    const application = await this.#applications.login(fields, address)
    if (!application) return undefined

    const actor = { id: idIn(application, this.#applications) }
    if (actor.id === undefined) throw this.#applications.invalid('names no application')
    // Where DNA names the login of a cell of users as this endpoint, any of its users could act for anybody.
    if ('username' in application && !('appname' in application))
      throw this.#applications.invalid('names a user, and no application')
    const known = await ask(this.#model, 'findById', ownerId)
    // Whom a trust point keeps, it may have deleted since.
    const owner = known && !isKeptElsewhere(known) ? known : await this.#findRemote(fields, ownerId, address)
    return owner && { owner, login: { actor, trustedUntil: this.#trustedUntil() } }
  }

  async #findRemote(
    fields: Fields,
    ownerId: string | number | undefined,
    address: string | undefined,
  ): Promise<Owner | undefined> {
    if (!this.#users) return undefined
    const ownerData = await this.#users.login(ownerId === undefined ? fields : { ...fields, ownerId }, address)
    if (!ownerData) return undefined

    const id = idIn(ownerData, this.#users)
    if (ownerId !== undefined && id !== undefined && String(id) !== String(ownerId)) {
      throw this.#users.invalid('names another owner than it was asked for')
    }
    return ask(this.#model, 'createOrUpdate', ownerData, this.#from)
  }

  #trustedUntil(): number {
    return now() + this.#sessionLength
  }
}

function trustPointAt(endpoint: string | undefined, dna: SessionsDna): TrustPoint | undefined {
  if (endpoint === undefined) return undefined
  // Its HTTP client takes a fifth of the time that a cell takes to boot. Most cells trust no one.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only where DNA has an endpoint
  const { TrustPoint: Point } = require('./trust-point') as typeof import('./trust-point')
  return new Point(endpoint, dna)
}

/**
 * The id in a trust point's answer, if there is one.
 *
 * @throws {RemoteInvalid} for anything but a string or a safe integer: larger numbers are ambiguous
 */
function idIn(answer: Record<string, unknown>, point: TrustPoint): string | number | undefined {
  const id = answer['id'] ?? answer['_id']
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' && id !== '' && id.length <= 255) return id
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  throw point.invalid('has an id that is neither a string nor a safe integer')
}
