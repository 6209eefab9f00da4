import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'undici'
import { Database } from '../../context/sql'
import { cellFolder } from '../support/cell'
import { CellProcess } from '../support/process'

const CONNECTIONS = 500
const SECONDS = 60
/** In all. The load goes on until they have logged out so often. */
const LOGOUTS = 100
/** Seconds in which the process may still grow: V8 sizes its heap by what it meets. */
const WARM_UP = 20
/** Owners, whose sessions are shared out among the users. */
const OWNERS = 25
/** Users who log in and out all the time: as many as the cell can hash for. */
const MOVING = 12
const PASSWORD = 'correct horse battery'

/** One connection's user. */
class User {
  cookie = ''
  logouts = 0
  /** Answers that were not as expected. */
  readonly wrong: string[] = []

  constructor(
    readonly pool: Pool,
    readonly username: string,
  ) {}

  async logIn(): Promise<void> {
    this.cookie = ''
    await this.send('POST', '/api/login', 200, { username: this.username, password: PASSWORD })
  }

  async logOut(): Promise<void> {
    const old = this.cookie
    await this.send('POST', '/api/logout', 204)
    this.cookie = old
    await this.send('GET', '/api/me', 401)
    this.logouts += 1
  }

  async read(): Promise<void> {
    await this.send('GET', ['/api/me', '/', '/api/sessions'][Math.floor(Math.random() * 3)] ?? '/', 200)
  }

  async send(method: 'GET' | 'POST', path: string, expected: number, body?: object): Promise<void> {
    const headers = { accept: 'application/json', 'content-type': 'application/json', cookie: this.cookie }
    const answer = await this.pool.request({ method, path, headers, body: body ? JSON.stringify(body) : null })
    const text = await answer.body.text()
    const isOwn = path !== '/api/me' || expected !== 200 || text.includes(`"${this.username}"`)
    if (answer.statusCode !== expected || !isOwn) this.wrong.push(`${method} ${path}: ${answer.statusCode}: ${text}`)
    const [cookie] = [answer.headers['set-cookie'] ?? ''].flat()
    if (cookie) this.cookie = cookie.split(';')[0] ?? ''
  }
}

describe('a cell under load', () => {
  it(`serves ${CONNECTIONS} connections that read, log in and log out for ${SECONDS} s, in the same memory`, async function () {
    this.timeout(300_000)
    const folder = cellFolder()
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' })
    const pool = new Pool(await cell.ready(), { connections: CONNECTIONS, pipelining: 1 })
    const users = Array.from({ length: CONNECTIONS }, (_, index) => new User(pool, `load-${String(index % OWNERS)}`))
    await inTurns(users.slice(0, OWNERS), (user) =>
      user.send('POST', '/api/register', 201, { username: user.username, password: PASSWORD }),
    )
    await inTurns(users, (user) => user.logIn())

    const memory: number[] = []
    const sampling = setInterval(() => memory.push(residentMemory(cell.child.pid ?? 0)), 1000)
    const deadline = Date.now() + SECONDS * 1000
    const logouts = (): number => users.reduce((sum, user) => sum + user.logouts, 0)
    const load = users.map(async (user, index) => {
      while (Date.now() < deadline || logouts() < LOGOUTS) {
        if (index < MOVING) await user.logOut().then(() => user.logIn())
        await user.read()
      }
    })
    await Promise.all(load)
    clearInterval(sampling)
    await pool.close()
    expect((await cell.end()).code).to.equal(0)

    const flat = memory.slice(WARM_UP)
    const growth = median(flat.slice(-10)) / median(flat.slice(0, 10))
    console.log(JSON.stringify({ growth, samples: flat.length }))
    expect(users.flatMap(({ wrong }) => wrong)).to.deep.equal([])
    expect(growth, 'memory at the end, to that after the warm-up').to.be.below(1.1)
    const database = await Database.open(join(folder, 'data/cell.db'))
    const sessions = await database.query.selectFrom('sessions').select('id_hash').execute()
    await database.close()
    expect(sessions).to.have.length(CONNECTIONS)
  })
})

/** A few at once: as many as need not wait for long. */
async function inTurns(users: User[], task: (user: User) => Promise<void>): Promise<void> {
  const left = [...users]
  const next = async (): Promise<void> => {
    for (let user = left.shift(); user; user = left.shift()) await task(user)
  }
  await Promise.all(Array.from({ length: 8 }, next))
}

/** In MiB. */
function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}
