/** Properties of a request that hold what the client sent. */
const SENT = ['body', 'query', 'params', 'cookies', 'signedCookies', 'headers'] as const

/** Fields of credentials. An owner with one of them, such as a raw document, can only be logged in by `loginAs`. */
const CREDENTIAL_FIELDS = ['password', 'passphrase', 'passcode', 'pin', 'otp', 'ownerId', 'remember']

const INSTEAD =
  'for what a client sent, call authenticate(credentials) or login(credentials, callback); for an owner found elsewhere, loginAs(owner)'

/**
 * Refuses to log in an "owner" that a client may have sent. A route that forgets the callback of
 * `login(credentials, callback)` passes credentials, and a client that sends `{ "id": "<victim>" }` would be logged in as
 * the victim. A copy of what the client sent is recognized by its fields only.
 *
 * @param request the request of an express-session session
 * @throws {TypeError} without any of the given values
 */
export function refuseClientInput(owner: unknown, request: object | undefined): void {
  if (typeof owner !== 'object' || owner === null) throw new TypeError(`login(owner) takes an owner: ${INSTEAD}`)
  if (CREDENTIAL_FIELDS.some((field) => Object.hasOwn(owner, field))) {
    throw new TypeError(`login(owner) was given credentials: ${INSTEAD}`)
  }
  if (request && SENT.some((name) => isWithin(owner, (request as Record<string, unknown>)[name]))) {
    throw new TypeError(`login(owner) was given what the client sent: ${INSTEAD}`)
  }
}

/** Whether a value is this object, or contains it at any depth. */
function isWithin(object: object, value: unknown): boolean {
  const seen = new Set<object>()
  const pending = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (next === object) return true
    // Skips the bytes of a raw body.
    if (typeof next !== 'object' || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue
    seen.add(next)
    for (const inner of Object.values(next)) pending.push(inner)
  }
  return false
}
