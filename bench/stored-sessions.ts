import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { Client } from 'undici'
import { Client as TestClient } from '../test/support/client'
import { signed } from '../test/support/cookie'
import type { LoadClient } from './load-protocol'
import { COOKIE_SECRET, type OpenBackend, type Template } from './backends'

const BATCH = 2000
/** Milliseconds over which the creation of the copies is spread. */
const SPREAD = 60 * 60 * 1000

/** Registers and logs in at a cell, and reads what it has written. */
export async function createTemplate(address: string, { database, sessions }: OpenBackend): Promise<Template> {
  const { username } = await new TestClient(address).registerAndLogIn()
  const owner = await database.query
    .selectFrom('owners')
    .select('id')
    .where('own_name', '=', username)
    .executeTakeFirstOrThrow()
  const [stored] = await sessions.listOwnerSessions(owner.id)
  if (!stored) throw new Error('the login has left no session')
  return { ownerId: owner.id, idHash: stored.handle, expiresAt: stored.expiresAt }
}

/**
 * Copies a session and its owner, `count` times, beginning with the copy of this index. Every session has an owner of its
 * own.
 *
 * @param ageOf the milliseconds by which a copy is older
 */
export async function copySessions(
  backend: OpenBackend,
  template: Template,
  count: number,
  { first = 0, ageOf = () => Math.floor(Math.random() * SPREAD) }: { first?: number; ageOf?: () => number } = {},
): Promise<void> {
  for (let start = first; start < first + count; start += BATCH) {
    const length = Math.min(BATCH, first + count - start)
    const copies = Array.from({ length }, (_, index) => ({
      idHash: hashOf(sessionIdOf(start + index)),
      ownerId: ownerIdOf(start + index),
      name: `owner-${start + index}`,
      age: ageOf(),
    }))
    await backend.copy(template, copies)
    // SQLite waits for nothing, and other stores are being filled.
    await setImmediate()
  }
  await backend.settle()
}

/** The clients of some of the copies, at random. */
export function pickClients(copies: number, count: number): LoadClient[] {
  const indexes = Array.from({ length: copies }, (_, index) => index)
  for (let index = 0; index < Math.min(count, copies); index += 1) {
    const other = index + Math.floor(Math.random() * (copies - index))
    ;[indexes[index], indexes[other]] = [indexes[other] as number, indexes[index] as number]
  }
  return indexes.slice(0, count).map((index) => ({
    cookie: `id=${signed(sessionIdOf(index), COOKIE_SECRET)}`,
    expected: `"${ownerIdOf(index)}"`,
  }))
}

/**
 * Checks that a cell answers these clients, and refuses a request without a cookie, and one with a cookie that it has not
 * signed.
 *
 * @throws {Error} that shows a wrong answer
 */
export async function checkAnswers(address: string, clients: readonly LoadClient[]): Promise<void> {
  const [first] = clients
  const forged = `id=${signed(sessionIdOf(0), 'another secret than that of the cell')}`
  const refused = ['', forged, `${first?.cookie.split('.')[0] ?? ''}.x`]
  const refusals = refused.map((cookie) => ({ cookie, expected: 'LOGIN_REQUIRED', status: 401 }))
  // Of its own: the cell has closed the connections that nobody used while the sessions were written.
  const server = new Client(address)
  try {
    for (const { cookie, expected, status } of [...clients.map((each) => ({ ...each, status: 200 })), ...refusals]) {
      const headers = { cookie, accept: 'application/json' }
      const { statusCode, body } = await server.request({ method: 'GET', path: '/api/me', headers })
      const text = await body.text()
      if (statusCode !== status || !text.includes(expected)) throw new Error(`wrong answer: ${statusCode}: ${text}`)
    }
  } finally {
    await server.close()
  }
}

/** As long as those of express-session. Made from the index, so that nobody must keep a million of them. */
function sessionIdOf(index: number): string {
  return hashOf(`session:${index}`).slice(0, 32)
}

/** In the form of a UUID. */
function ownerIdOf(index: number): string {
  const hex = createHash('sha256').update(`owner:${index}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

function hashOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
