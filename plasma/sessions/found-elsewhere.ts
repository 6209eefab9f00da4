/** Where a request keeps what the client sent. */
const SENT = ['body', 'query', 'params', 'cookies', 'signedCookies', 'headers'] as const

/** Fields that credentials have. An owner who has one of them, as a raw document may, is logged in by `loginAs`. */
const CREDENTIAL_FIELDS = ['password', 'passphrase', 'passcode', 'pin', 'otp', 'ownerId', 'remember']

const INSTEAD = 'for what somebody sent, call authenticate(credentials) or login(credentials, callback); for an owner found elsewhere, loginAs(owner)'

/**
 * Checks what `login(owner)` is to log in without any question: whoever forgets the callback of
 * `login(credentials, callback)` calls it with credentials, and `{ "id": "<victim>" }` would be logged in as the victim.
 * A copy of what a client sent is recognized by its fields alone.
 *
 * @param request what express-session keeps of it, where there is one
 * @throws {TypeError} that repeats nothing of what was given
 */
export function checkFoundElsewhere(owner: unknown, request: object | undefined): void {
  if (typeof owner !== 'object' || owner === null) throw new TypeError(`login(owner) takes an owner: ${INSTEAD}`)
  if (CREDENTIAL_FIELDS.some((field) => Object.hasOwn(owner, field))) {
    throw new TypeError(`login(owner) was given credentials: ${INSTEAD}`)
  }
  if (request && SENT.some((name) => isWithin(owner, (request as Record<string, unknown>)[name]))) {
    throw new TypeError(`login(owner) was given what the client sent: ${INSTEAD}`)
  }
}

/** Whether a value is this object, or holds it at any depth. */
function isWithin(object: object, value: unknown): boolean {
  const seen = new Set<object>()
  const pending = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (next === object) return true
    // The bytes of a raw body hold no objects.
    if (typeof next !== 'object' || next === null || seen.has(next) || ArrayBuffer.isView(next)) continue
    seen.add(next)
    for (const inner of Object.values(next)) pending.push(inner)
  }
  return false
}
