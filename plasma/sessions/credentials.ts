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
    return checked['ownerId'] === undefined ? this.#findOwner(checked) : this.#findDelegated(checked)
  }

  /** Closes the connections to the trust points. */
  async close(): Promise<void> {
    await Promise.all([this.#users?.close(), this.#applications?.close()])
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
    const application = await this.#applications.login(own)
    if (!application) return undefined

    const actor = { id: application['id'] ?? application['_id'] ?? null }
    const owner = (await ask(this.#model, 'findById', ownerId)) ?? (await this.#findRemote(credentials))
    return owner && { owner, login: { actor, trustedUntil: this.#trustedUntil() } }
  }

  async #findRemote(credentials: Credentials): Promise<Owner | undefined> {
    const ownerData = await this.#users?.login(credentials)
    if (!ownerData) return undefined

    const id = ownerData['id'] ?? ownerData['_id']
    const { ownerId } = credentials
    if (ownerId !== undefined && id !== undefined && textOf(id) !== textOf(ownerId)) {
      throw new RemoteInvalid('The trust point answered with another owner than it was asked for.')
    }
    return ask(this.#model, 'createOrUpdate', ownerData, this.#from)
  }

  #trustedUntil(): number {
    return Date.now() + this.#sessionLength
  }
}

/** An id is the same whether a form or a database wrote it. */
function textOf(id: unknown): unknown {
  return typeof id === 'number' ? String(id) : id
}

function checkShape(credentials: unknown): Credentials {
  if (typeof credentials !== 'object' || credentials === null || Array.isArray(credentials)) {
    throw new InvalidCredentialsShape('Credentials must be an object.')
  }
  const { ownerId } = credentials as Credentials
  if (ownerId !== undefined && typeof ownerId !== 'string' && typeof ownerId !== 'number') {
    throw new InvalidCredentialsShape('ownerId must be a text or a number.')
  }
  if (ownerId === '') throw new InvalidCredentialsShape('ownerId must not be empty.')
  return credentials as Credentials
}
