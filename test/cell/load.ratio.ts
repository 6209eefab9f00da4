import { expect } from 'chai'
import { join } from 'node:path'
import { Pool } from 'undici'
import { Database } from '../../context/sql'
import { cellFolder } from '../support/cell'
import { CellProcess, START } from '../support/process'
import { ROOT } from '../support/project'
import { until } from '../support/until'

const CONNECTIONS = 500
/** Of each of two loads: memory is compared after the first and after the second. */
const SECONDS = 20
/** Minimum logouts per load; it runs on until they are reached. */
const LOGOUTS = 50
/** Owners, whose sessions are shared out among the users. */
const OWNERS = 25
/** Users who log in and out all the time: as many as the cell can hash for. */
const MOVING = 12
const REPORTER = join(ROOT, 'test/support/memory-reporter.cjs')
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
  it(`serves ${CONNECTIONS} connections that read, log in and log out in the same memory`, async function () {
    this.timeout(300_000)
    const folder = cellFolder()
    const [node = '', ...parameters] = START
    const command = [node, '--expose-gc', '--require', REPORTER, ...parameters, join(ROOT, 'cell.ts')]
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' }, command)
    const pool = new Pool(await cell.ready(), { connections: CONNECTIONS, pipelining: 1 })
    const users = Array.from({ length: CONNECTIONS }, (_, index) => new User(pool, `load-${String(index % OWNERS)}`))
    await inTurns(users.slice(0, OWNERS), (user) =>
      user.send('POST', '/api/register', 201, { username: user.username, password: PASSWORD }),
    )
    await inTurns(users, (user) => user.logIn())

    await load(users)
    const before = await memoryOf(cell)
    await load(users)
    const after = await memoryOf(cell)
    await pool.close()
    expect((await cell.end()).code).to.equal(0)

    console.log(JSON.stringify({ before, after }))
    expect(users.flatMap(({ wrong }) => wrong)).to.deep.equal([])
    expect(after.used / before.used, 'what is in use after the second load, to that after the first').to.be.below(1.1)
    expect(after.resident / before.resident, 'the same of the whole process').to.be.below(1.5)
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

/** All users read, and some log out and in, all the time. */
async function load(users: User[]): Promise<void> {
  const deadline = Date.now() + SECONDS * 1000
  const logouts = (): number => users.reduce((sum, user) => sum + user.logouts, 0)
  const enough = logouts() + LOGOUTS
  await Promise.all(
    users.map(async (user, index) => {
      while (Date.now() < deadline || logouts() < enough) {
        if (index < MOVING) await user.logOut().then(() => user.logIn())
        await user.read()
      }
    }),
  )
}

/** In bytes, after a collection of all garbage: how much is resident otherwise depends on when V8 collects. */
async function memoryOf(cell: CellProcess): Promise<{ used: number; resident: number }> {
  const reports = (): string[] => cell.stdout.match(/^memory .+/gm) ?? []
  const already = reports().length
  cell.child.kill('SIGUSR2')
  await until(() => reports().length > already)
  const { heapUsed, external, rss } = JSON.parse(reports().at(-1)?.slice(7) ?? '') as NodeJS.MemoryUsage
  return { used: heapUsed + external, resident: rss }
}
