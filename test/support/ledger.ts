import { Client } from './client'

/** A session that somebody has, as far as its answers say. */
interface LedgerSession {
  client: Client
  /** Nothing where a request was under way that would end it. */
  alive: boolean | undefined
}

const PASSWORDS = ['correct horse battery', 'battery horse staple', 'staple horse correct']

/**
 * One owner, who registers, logs in and out and changes their password at random, one request after the other, and
 * records what the cell has answered. What it has not answered may have happened or not.
 */
export class Ledger {
  readonly #username = `user-${crypto.randomUUID()}`
  readonly #address: string
  #isRegistered = false
  /** Their password; while a change is under way, either of the two. */
  #passwords = [0]
  #sessions: LedgerSession[] = []
  /** How many answers of each kind are to be kept. */
  readonly answered: Record<string, number> = {}

  constructor(address: string) {
    this.#address = address
  }

  /** Goes on until the cell is gone. */
  async run(): Promise<void> {
    try {
      for (;;) await this.#step()
    } catch (error) {
      // What `fetch` throws when nobody answers.
      if (!(error instanceof TypeError)) throw error
    }
  }

  /** @returns what is otherwise than it was answered, at the cell that runs now */
  async check(address: string): Promise<string[]> {
    if (!this.#isRegistered) return []
    const wrong: string[] = []
    for (const { client, alive } of this.#sessions) {
      const { status } = await client.copy(address).get('/api/me')
      if (alive !== undefined && status !== (alive ? 200 : 401))
        wrong.push(`a session that was ${alive ? 'begun' : 'ended'}: ${status}`)
    }
    const statuses = []
    for (const password of this.#passwords) statuses.push(await this.#tryPassword(address, password))
    if (statuses.filter((status) => status === 200).length !== 1)
      wrong.push(`a password that was set: ${statuses.join()}`)
    const former = PASSWORDS.findIndex((_, index) => !this.#passwords.includes(index))
    const status = await this.#tryPassword(address, former)
    if (status !== 401) wrong.push(`a password that was changed: ${status}`)
    return wrong
  }

  async #step(): Promise<void> {
    const alive = this.#sessions.filter((session) => session.alive)
    const one = alive[Math.floor(Math.random() * alive.length)]
    const dice = Math.random()
    if (!this.#isRegistered) await this.#register()
    else if (!one || (dice < 0.4 && alive.length < 4)) await this.#logIn()
    else if (dice < 0.7) await this.#logOut(one)
    else if (dice < 0.85) await this.#changePassword(one)
    else this.#expect('read', 200, await one.client.get('/api/me'))
  }

  async #register(): Promise<void> {
    this.#expect('registration', 201, await new Client(this.#address).post('/api/register', this.#credentials(0)))
    this.#isRegistered = true
  }

  async #logIn(): Promise<void> {
    const client = new Client(this.#address)
    this.#expect('login', 200, await client.post('/api/login', this.#credentials(this.#passwords[0] ?? 0)))
    this.#sessions.push({ client, alive: true })
  }

  async #logOut(session: LedgerSession): Promise<void> {
    session.alive = undefined
    const old = session.client.copy()
    this.#expect('logout', 204, await session.client.post('/api/logout'))
    session.client = old
    session.alive = false
  }

  async #changePassword(session: LedgerSession): Promise<void> {
    const [old = 0] = this.#passwords
    const next = (old + 1) % PASSWORDS.length
    const before = [...this.#sessions]
    const wasAlive = new Map(before.map((one) => [one, one.alive]))
    for (const one of before) if (one.alive) one.alive = undefined
    this.#passwords = [old, next]
    const client = session.client.copy()
    const change = { currentPassword: PASSWORDS[old], newPassword: PASSWORDS[next] }
    this.#expect('password change', 204, await client.post('/api/password', change))
    this.#passwords = [next]
    for (const one of before) if (wasAlive.get(one)) one.alive = false
    this.#sessions.push({ client, alive: true })
  }

  #credentials(password: number): object {
    return { username: this.#username, password: PASSWORDS[password] }
  }

  async #tryPassword(address: string, password: number): Promise<number> {
    return (await new Client(address).post('/api/login', this.#credentials(password))).status
  }

  #expect(what: string, expected: number, { status, text }: { status: number; text: string }): void {
    if (status !== expected) throw new Error(`${what}: ${status} ${text}`)
    this.answered[what] = (this.answered[what] ?? 0) + 1
  }
}
