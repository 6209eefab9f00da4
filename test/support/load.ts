import { createHash } from 'node:crypto'
import { Pool } from 'undici'

/** What a user of the load does, over and over. */
type Task = (user: User) => Promise<void>

/** What has come of the load. Milliseconds. */
export interface LoadFigures {
  requests: number
  logins: number
  logouts: number
  /** What was answered otherwise than it should have been, and how often. */
  wrong: Record<string, number>
  /** Of guarded requests. */
  median: number
  p99: number
  slowest: number
  /** The handles of the sessions that must be there now: all of them, and no other. */
  sessions: string[]
}

/** Owners, whose sessions are shared out among the users. */
const OWNERS = 25
/** Users who log in and out all the time: as many as the cell can hash for. */
const MOVING = 12
const PASSWORD = 'correct horse battery'

/** One connection's user. */
class User {
  cookie = ''
  readonly #load: Load
  readonly #username: string

  constructor(load: Load, index: number) {
    this.#load = load
    this.#username = `load-${String(index % OWNERS)}`
  }

  get handle(): string {
    const id = /^[^=]+=s%3A([^.]+)/.exec(this.cookie)?.[1] ?? ''
    return createHash('sha256').update(decodeURIComponent(id)).digest('base64url')
  }

  async register(): Promise<void> {
    await this.#send('POST', '/api/register', 201, { username: this.#username, password: PASSWORD })
  }

  async logIn(): Promise<void> {
    this.cookie = ''
    const body = { username: this.#username, password: PASSWORD }
    this.cookie = (await this.#send('POST', '/api/login', 200, body)).split(';')[0] ?? ''
    this.#load.logins += 1
  }

  async logOut(): Promise<void> {
    const old = this.cookie
    await this.#send('POST', '/api/logout', 204)
    this.#load.logouts += 1
    await this.#send('GET', '/api/me', 401)
    if (old === this.cookie) this.cookie = ''
  }

  async read(): Promise<void> {
    const path = ['/api/me', '/api/me', '/api/me', '/', '/api/sessions'][Math.floor(Math.random() * 5)] ?? '/'
    const begun = performance.now()
    await this.#send('GET', path, 200)
    if (path === '/api/me') this.#load.times.push(performance.now() - begun)
  }

  async #send(method: 'GET' | 'POST', path: string, expected: number, body?: object): Promise<string> {
    const headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'load',
      cookie: this.cookie,
    }
    const answer = await this.#load.pool.request({ method, path, headers, body: body ? JSON.stringify(body) : null })
    const text = await answer.body.text()
    this.#load.requests += 1
    if (answer.statusCode !== expected) this.#load.count(`${method} ${path}: ${answer.statusCode}, not ${expected}`)
    const isHis = path !== '/api/me' || expected !== 200 || text.includes(`"${this.#username}"`)
    if (!isHis) this.#load.count(`${method} ${path}: another one's answer`)
    return [answer.headers['set-cookie'] ?? ''].flat()[0] ?? ''
  }
}

class Load {
  readonly pool: Pool
  readonly wrong: Record<string, number> = {}
  readonly times: number[] = []
  requests = 0
  logins = 0
  logouts = 0

  constructor(address: string, connections: number) {
    this.pool = new Pool(address, { connections, pipelining: 1 })
  }

  count(what: string): void {
    this.wrong[what] = (this.wrong[what] ?? 0) + 1
  }
}

/** As many connections as users, each of whom goes on until the time is over. */
async function main(address: string, connections: number, seconds: number): Promise<LoadFigures> {
  const load = new Load(address, connections)
  const users = Array.from({ length: connections }, (_, index) => new User(load, index))
  await inTurns(users.slice(0, OWNERS), (user) => user.register())
  await inTurns(users, (user) => user.logIn())

  load.times.length = 0
  process.stderr.write('warm\n')
  const until = Date.now() + seconds * 1000
  const goOn = async (user: User, task: Task): Promise<void> => {
    while (Date.now() < until) await task(user).catch((error: unknown) => load.count(String(error)))
  }
  await Promise.all(
    users.map((user, index) => {
      if (index >= MOVING) return goOn(user, (user) => user.read())
      return goOn(user, async (user) => {
        await user.logOut()
        await user.logIn()
        await user.read()
      })
    }),
  )
  await load.pool.close()
  const times = load.times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN
  const { requests, logins, logouts, wrong } = load
  return {
    requests,
    logins,
    logouts,
    wrong,
    median: at(0.5),
    p99: at(0.99),
    slowest: at(0.999999),
    sessions: users.map(({ handle }) => handle),
  }
}

/** A few at once: as many as need not wait for long. */
async function inTurns(users: User[], task: Task): Promise<void> {
  const left = [...users]
  const next = async (): Promise<void> => {
    for (let user = left.shift(); user; user = left.shift()) await task(user)
  }
  await Promise.all(Array.from({ length: 8 }, next))
}

const [address = '', connections = '', seconds = ''] = process.argv.slice(2)
main(address, Number(connections), Number(seconds)).then(
  (figures) => process.stdout.write(JSON.stringify(figures)),
  (error: unknown) => {
    console.error(error)
    process.exitCode = 1
  },
)
