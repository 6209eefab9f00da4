import { createHash } from 'node:crypto'
import { Client } from 'undici'
import { SqlTarget } from '../context/sql/row-target'
import type { OwnerRow, SessionRow } from '../context/sql'
import { Client as TestClient } from '../test/support/client'
import { signed } from '../test/support/cookie'
import type { LoadClient } from './load'
import { COOKIE_SECRET, type OpenPlace } from './places'

const BATCH = 500
/** Milliseconds over which the creation of the copies is spread. */
const SPREAD = 60 * 60 * 1000

/** A session and its owner, as a cell has written them. */
export interface Template {
  owner: OwnerRow
  session: SessionRow
}

/** Registers and logs in at a cell, and reads what it has written. */
export async function createTemplate(address: string, { database, sessions }: OpenPlace): Promise<Template> {
  const { username } = await new TestClient(address).registerAndLogIn()
  const owner = await database.query
    .selectFrom('owners')
    .selectAll()
    .where('own_name', '=', username)
    .executeTakeFirstOrThrow()
  const [stored] = await sessions.listOwnerSessions(owner.id)
  if (!stored) throw new Error('the login has left no session')
  const session: SessionRow = {
    id_hash: stored.handle,
    family: stored.handle,
    owner_id: owner.id,
    data: JSON.stringify(stored.data),
    address: stored.address,
    agent: stored.agent,
    created_at: stored.createdAt,
    seen_at: stored.seenAt,
    expires_at: stored.expiresAt,
  }
  return { owner, session }
}

/** Copies a session and its owner, `count` times. Every session has an owner of its own. */
export async function copySessions(place: OpenPlace, template: Template, count: number): Promise<void> {
  const owners = new SqlTarget(place.database, 'owners')
  for (let start = 0; start < count; start += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => start + index)
    const rows = indexes.map((index) => copyOf(template, index))
    await owners.importRows(rows.map(({ owner }) => owner))
    await place.target.importRows(rows.map(({ session }) => session))
  }
  await place.settle()
}

/** Adds sessions of one owner that expired a minute ago. */
export async function addExpiredSessions(place: OpenPlace, { session }: Template, count: number): Promise<void> {
  const expires_at = Date.now() - 60_000
  for (let start = 0; start < count; start += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, count - start) }, (_, index) => {
      const id_hash = hashOf(`expired:${start + index}`)
      return { ...session, id_hash, family: id_hash, expires_at: expires_at - start - index }
    })
    await place.target.importRows(rows)
  }
  await place.settle()
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

function copyOf({ owner, session }: Template, index: number): Template {
  const id = ownerIdOf(index)
  const name = `owner-${index}`
  const id_hash = hashOf(sessionIdOf(index))
  const age = Math.floor(Math.random() * SPREAD)
  return {
    owner: { ...owner, id, own_name: name, name_key: name },
    session: {
      ...session,
      id_hash,
      family: id_hash,
      owner_id: id,
      data: session.data.replaceAll(owner.id, id),
      created_at: session.created_at - age,
      seen_at: session.seen_at - age,
      expires_at: session.expires_at - age,
    },
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
