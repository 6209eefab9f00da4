import { clockOf, emitEvent } from '../../context/cell'
import { Authentication, createSessionApi } from './authentication'
import { Authenticator } from './authenticator'
import type { TrustOptions } from './dna'
import { LoginRecords } from './login-record'
import type { AnyCredentials, AnyModel, Owner } from './owner-model'
import type { OnAsked, TrustPoint } from './trust-point'
import type { SessionApi, Sessions } from './session-api'

/** What the sessions of a cell are made of. */
export interface SessionsOptions extends TrustOptions {
  /** Where chemicals are emitted. Its clock is used if it has one, and its `killed` closes connections. */
  plasma: Organic.Plasma
  ownerModel: AnyModel
}

/**
 * Creates the function that logs owners in to a storage, says who is logged in, and logs them out. It emits
 * `SessionLogin`, `SessionLoginFailed`, `SessionLogout`, and `SessionDenied` for a session that is no longer valid.
 *
 * @throws {DnaError} if the file with the certificate authority cannot be read
 */
export function createSessions({ plasma, ownerModel, ...trust }: SessionsOptions): Sessions<Owner, AnyCredentials> {
  const records = new LoginRecords(clockOf(plasma), trust.remoteSessionSeconds * 1000)
  const open = (name: string, endpoint: string | undefined): TrustPoint | undefined =>
    openTrustPoint(endpoint, trust, name, (asked) => emitEvent(plasma, { type: 'TrustPointAsked', ...asked }))
  const users = open('users', trust.remoteLoginEndpoint)
  const applications = open('applications', trust.remoteAuthenticateEndpoint)
  const points = [users, applications].filter((point) => point !== undefined)
  if (points.length > 0) void plasma.store({ type: 'TrustPoints', data: points })
  const authenticator = new Authenticator({ ownerModel, records, users, applications })
  plasma.on('killed', () => Promise.all([users?.close(), applications?.close()]))

  const shared = { plasma, ownerModel, authenticator, records }
  const sessionsOf = (storage: object | undefined): SessionApi<Owner, AnyCredentials> =>
    createSessionApi(new Authentication(shared, storage))
  return Object.assign(sessionsOf, { ownerModel, asksTrustPoint: users !== undefined })
}

function openTrustPoint(
  endpoint: string | undefined,
  ...options: [TrustOptions, name: string, onAsked: OnAsked]
): TrustPoint | undefined {
  if (endpoint === undefined) return undefined
  // Most cells trust no one, and the HTTP client takes a fifth of a cell's boot to load.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only if DNA has an endpoint
  const { TrustPoint: Point } = require('./trust-point') as typeof import('./trust-point')
  return new Point(endpoint, ...options)
}
