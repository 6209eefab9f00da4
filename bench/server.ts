import { join } from 'node:path'
import { Client } from '../test/support/client'
import { CellProcess } from '../test/support/process'
import { temporaryFolder } from '../test/support/temporary-folder'
import { HttpConnection, requestOf } from './http-connection'
import type { LoadClient } from './load-protocol'

/** A contender that runs, and its owners who are logged in. */
export interface Server {
  process: CellProcess
  address: string
  clients: LoadClient[]
  /** The processes of its database servers. */
  stores: number[]
}

/** How many owners send requests, each with a session of its own. */
export const OWNERS = 32
export const PASSWORD = 'correct horse battery'

/** Characters at either end of a cookie that forgeries keep. */
const KEPT = 10

/** Starts a server of `bench/contenders`. @param logIn logs one of its owners in */
export async function startServer(file: string, pin: readonly string[], logIn = logInOwner): Promise<Server> {
  const command = [
    ...pin,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(__dirname, 'contenders', file),
  ]
  const env = { NODE_ENV: 'production', BENCH_OWNERS: String(OWNERS), BENCH_PASSWORD: PASSWORD }
  const server = new CellProcess(temporaryFolder(), env, command)
  const address = await server.ready()
  return { process: server, address, clients: await logInOwners(address, logIn), stores: [] }
}

/** Logs all owners in. */
export async function logInOwners(
  address: string,
  logIn: (client: Client, username: string) => Promise<void>,
): Promise<LoadClient[]> {
  const clients: LoadClient[] = []
  for (let index = 0; index < OWNERS; index += 1) {
    const client = new Client(address)
    const username = nameOf(index)
    await logIn(client, username)
    const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    clients.push({ cookie, expected: `"${username}"` })
  }
  return clients
}

/** The requests by which the owners log in again. */
export function loginsOf(): LoadClient[] {
  return Array.from({ length: OWNERS }, (_, index) => {
    const username = nameOf(index)
    return { cookie: '', expected: `"${username}"`, body: JSON.stringify({ username, password: PASSWORD }) }
  })
}

function nameOf(index: number): string {
  return `owner-${index}`
}

/** Logs in an owner that the server has. */
export async function logInOwner(client: Client, username: string): Promise<void> {
  await post(client, '/api/login', { username, password: PASSWORD })
}

/**
 * Posts JSON.
 *
 * @throws {Error} if the answer is no success
 */
export async function post(client: Client, path: string, body: object, headers = {}): Promise<void> {
  const { status, text } = await client.post(path, body, headers)
  if (status >= 300) throw new Error(`${path} answers ${status}: ${text}`)
}

/**
 * Checks that a server answers each client with its own owner, and refuses a request without a cookie and with forged ones.
 *
 * @throws {Error} that shows a wrong answer
 */
export async function checkServer({ address, clients }: Pick<Server, 'address' | 'clients'>): Promise<void> {
  const connection = new HttpConnection(address)
  const own = clients.map(({ cookie, expected }) => ({ cookie, expected, status: 200 }))
  const [first = ''] = clients.map(({ cookie }) => cookie)
  const refused = ['', ...forge(first)].map((cookie) => ({ cookie, expected: '', status: 401 }))
  try {
    for (const { cookie, expected, status } of [...own, ...refused]) {
      const answer = await connection.send(requestOf({ path: '/api/me', cookie }))
      if (answer.status !== status || !answer.body.includes(expected))
        throw new Error(`wrong answer, with the cookie "${cookie}": ${answer.status}: ${answer.body}`)
    }
  } finally {
    connection.close()
  }
}

/** Cookies that differ in one character from one that is right: in what it says, and in its signature. */
function forge(cookie: string): string[] {
  const start = cookie.indexOf('=') + 1
  return [start + KEPT, cookie.length - KEPT].map((index) => {
    const other = cookie[index] === 'A' ? 'B' : 'A'
    return cookie.slice(0, index) + other + cookie.slice(index + 1)
  })
}
