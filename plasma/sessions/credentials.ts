import { InvalidCredentialsShape, RemoteInvalid } from '../../context/errors'
import type { SessionsDna } from './dna'
import { ask, type loadOwnerModel } from './owner-model'
import { askTrustPoint } from './trust-point'
import type { Actor, Owner } from './types'

/** Whose credentials they were, and who acts for him, if not himself. */
export interface Found {
  owner: Owner
  actor?: Actor
}

type Credentials = Record<string, unknown>
type Find = (credentials: unknown) => Promise<Found | undefined>

/**
 * Finds the owner of credentials: in the local model first, then at the single point of trust. Credentials with an
 * `ownerId` are an application's, who logs in for that owner once the applications' point of trust knows it.
 *
 * @throws {InvalidCredentialsShape} for credentials that are no object, or an `ownerId` that nobody can act on
 */
export function credentialsFinder(dna: SessionsDna, model: ReturnType<typeof loadOwnerModel>): Find {
  const { remoteLoginEndpoint, remoteAuthenticateEndpoint } = dna
  const limits = { timeout: dna.remoteTimeout, maxBytes: dna.remoteMaxBytes }

  return async function find(credentials) {
    const checked = checkShape(credentials)
    return checked.ownerId === undefined ? findOwner(checked) : findDelegated(checked)
  }

  async function findOwner(credentials: Credentials): Promise<Found | undefined> {
    const owner = (await ask(model, 'findByCredentials', credentials)) ?? (await findRemote(credentials))
    return owner && { owner }
  }

  async function findDelegated(credentials: Credentials): Promise<Found | undefined> {
    const { ownerId, ...own } = credentials
    if (remoteAuthenticateEndpoint === undefined) {
      throw new InvalidCredentialsShape('This cell lets no application act for an owner: ownerId is not accepted.')
    }
    const application = await askTrustPoint(remoteAuthenticateEndpoint, own, limits)
    if (!application) return undefined

    const owner = (await ask(model, 'findById', ownerId)) ?? (await findRemote(credentials))
    return owner && { owner, actor: { id: application.id ?? application._id ?? null } }
  }

  async function findRemote(credentials: Credentials): Promise<Owner | undefined> {
    if (remoteLoginEndpoint === undefined) return undefined
    const ownerData = await askTrustPoint(remoteLoginEndpoint, credentials, limits)
    if (!ownerData) return undefined

    const id = ownerData.id ?? ownerData._id
    const { ownerId } = credentials
    if (ownerId !== undefined && id !== undefined && textOf(id) !== textOf(ownerId)) {
      throw new RemoteInvalid('The trust point answered with another owner than it was asked for.')
    }
    return ask(model, 'createOrUpdate', ownerData)
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
