import { now } from '../../context/clock'
import { InvalidCredentialsShape, RemoteInvalid } from '../../context/errors'
import type { SessionsDna } from './dna'
import { ask, type AnyModel } from './owner-model'
import { TrustPoint } from './trust-point'
import type { Login, Owner } from './types'

/** Whose credentials they were, and what is to be kept of it. */
export interface Found {
  owner: Owner
  login?: Login
}

type Credentials = Record<string, unknown>

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
    this.#users = remoteLoginEndpoint === undefined ? undefined : new TrustPoint(remoteLoginEndpoint, dna)
    this.#applications = remoteAuthenticateEndpoint === undefined ? undefined : new TrustPoint(remoteAuthenticateEndpoint, dna)
    this.#from = remoteLoginEndpoint ?? ''
  }

  /** @throws {InvalidCredentialsShape} for credentials that are no object, or an `ownerId` that nobody can act on */
  async find(credentials: unknown): Promise<Found | undefined> {
    const checked = checkShape(credentials)
    if (!('remember' in checked)) return this.#findAny(checked)
    // It is for the session, and no business of models and trust points.
    const { remember, ...own } = checked
    const isRemembered = checkRemember(remember)
    const found = await this.#findAny(own)
    return found && { owner: found.owner, login: { ...found.login, ...(isRemembered && { remember: true }) } }
  }

  /** Closes the connections to the trust points. */
  async close(): Promise<void> {
    await Promise.all([this.#users?.close(), this.#applications?.close()])
  }

  #findAny(credentials: Credentials): Promise<Found | undefined> {
    return credentials['ownerId'] === undefined ? this.#findOwner(credentials) : this.#findDelegated(credentials)
  }

  async #findOwner(credentials: Credentials): Promise<Found | undefined> {
    const local = await ask(this.#model, 'findByCredentials', credentials)
    if (local) return { owner: local }
    const owner = await this.#findRemote(credentials)
    return owner && { owner, login: { trustedUntil: this.#trustedUntil() } }
  }

  async #findDelegated(credentials: Credentials): Promise<Found | undefined> {
    const { ownerId, ...own } = credentials
    if (!this.#applications) {
      throw new InvalidCredentialsShape('This cell lets no application act for an owner: ownerId is not accepted.')
    }
    const application = await this.#applications.login(checkTexts(own))
    if (!application) return undefined

    const actor = { id: remoteId(application) }
    if (actor.id === undefined) throw new RemoteInvalid('The answer of the trust point names no application.')
    const known = await ask(this.#model, 'findById', ownerId)
    // Whom a trust point keeps, it may have deleted since.
    const owner = known && (known.trustPoint ?? null) === null ? known : await this.#findRemote(credentials)
    return owner && { owner, login: { actor, trustedUntil: this.#trustedUntil() } }
  }

  async #findRemote(credentials: Credentials): Promise<Owner | undefined> {
    if (!this.#users) return undefined
    const { ownerId, ...own } = credentials
    checkTexts(own)
    const ownerData = await this.#users.login(credentials)
    if (!ownerData) return undefined

    const id = remoteId(ownerData)
    if (ownerId !== undefined && id !== undefined && String(id) !== (typeof ownerId === 'number' ? String(ownerId) : ownerId)) {
      throw new RemoteInvalid('The trust point answered with another owner than it was asked for.')
    }
    return ask(this.#model, 'createOrUpdate', ownerData, this.#from)
  }

  #trustedUntil(): number {
    return now() + this.#sessionLength
  }
}

/**
 * The id in a trust point's answer, if there is one.
 *
 * @throws {RemoteInvalid} for what is no id, and for a number so large that another one would be the same
 */
function remoteId(answer: Record<string, unknown>): string | number | undefined {
  const id = answer['id'] ?? answer['_id']
  if (id === undefined || id === null) return undefined
  if (typeof id === 'string' && id !== '' && id.length <= 255) return id
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id
  throw new RemoteInvalid('The id in the answer of the trust point is neither a text nor a safe integer.')
}

/** What is sent to a trust point: it would be blamed for refusing anything else. */
function checkTexts(credentials: Credentials): Credentials {
  const values = Object.values(credentials)
  if (values.length > 0 && values.every((value) => typeof value === 'string' && value.length <= 1024)) return credentials
  throw new InvalidCredentialsShape('Credentials must be texts.')
}

/** As JSON and as a form's checkbox have it. */
function checkRemember(remember: unknown): boolean {
  if (remember === true || remember === 'true' || remember === 'on') return true
  if (remember === false || remember === 'false' || remember === undefined || remember === null) return false
  throw new InvalidCredentialsShape('remember must be true or false.')
}

function checkShape(credentials: unknown): Credentials {
  if (typeof credentials !== 'object' || credentials === null || Array.isArray(credentials)) {
    throw new InvalidCredentialsShape('Credentials must be an object.')
  }
  const { ownerId } = credentials as Credentials
  if (ownerId !== undefined && typeof ownerId !== 'string' && typeof ownerId !== 'number') {
    throw new InvalidCredentialsShape('ownerId must be a text or a number.')
  }
  if (typeof ownerId === 'number' && !Number.isSafeInteger(ownerId)) {
    throw new InvalidCredentialsShape('An ownerId that is so large must be a text.')
  }
  if (ownerId === '') throw new InvalidCredentialsShape('ownerId must not be empty.')
  return credentials as Credentials
}
