import { expect } from 'chai'
import { cellFolder } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'

const RUNS = 15
const OWNERS = 6
/** All owners share one address, and each tries a password that they no longer have. */
const DNA = { 'dna/_hasty/plasma/throttle.json': { address: { failures: 100_000 } } }
/** Milliseconds within which a run ends. */
const LONGEST_RUN = 1500

/**
 * An owner who logs in, logs out and changes their password, one request after the other, and records what the cell has
 * answered. What it has not answered may have happened or not, and is in no record.
 */
class Person {
  readonly #username = newCredentials().username
  #passwords: string[] = []
  #former: string[] = []
  #alive: Client[] = []
  #ended: Client[] = []
  answers = 0

  constructor(readonly address: string) {}

  /** Goes on until the cell is gone. */
  async run(): Promise<void> {
    try {
      const [{ password }, client] = [newCredentials(), new Client(this.address)]
      await this.#post(client, '/api/register', 201, { username: this.#username, password })
      this.#passwords = [password]
      for (;;) await this.#step()
    } catch (error) {
      // What `fetch` throws when nobody answers.
      if (!(error instanceof TypeError)) throw error
    }
  }

  async #step(): Promise<void> {
    const dice = Math.random()
    const client = dice < 0.5 && this.#alive.length > 0 ? this.#alive.splice(0, 1)[0] : undefined
    const [password = ''] = this.#passwords
    if (!client) {
      const next = new Client(this.address)
      await this.#post(next, '/api/login', 200, { username: this.#username, password })
      this.#alive.push(next)
    } else if (dice < 0.3) {
      const old = client.copy()
      await this.#post(client, '/api/logout', 204)
      this.#ended.push(old)
    } else {
      const old = [client.copy(), ...this.#alive.splice(0)]
      const newPassword = `staple horse ${crypto.randomUUID()}`
      this.#passwords = []
      await this.#post(client, '/api/password', 204, { currentPassword: password, newPassword })
      this.#passwords = [newPassword]
      this.#former = [password]
      this.#ended.push(...old)
      this.#alive.push(client)
    }
  }

  async #post(client: Client, path: string, expected: number, body?: object): Promise<void> {
    const { status, text } = await client.post(path, body)
    if (status !== expected) throw new Error(`${path}: ${status} ${text}`)
    this.answers += 1
  }

  /** Checks that a cell, which runs now, knows all that was answered. */
  async check(address: string): Promise<void> {
    const statusOf = async (client: Client): Promise<number> => (await client.copy(address).get('/api/me')).status
    const logIn = async (password: string): Promise<number> =>
      (await new Client(address).post('/api/login', { username: this.#username, password })).status
    for (const client of this.#alive) expect(await statusOf(client), 'a login').to.equal(200)
    for (const client of this.#ended) expect(await statusOf(client), 'a session that was ended').to.equal(401)
    for (const password of this.#passwords) expect(await logIn(password), 'a password').to.equal(200)
    for (const password of this.#former) expect(await logIn(password), 'a former password').to.equal(401)
  }
}

describe('a cell that is killed', () => {
  it(`at random moments of ${RUNS} runs under load undoes nothing that it answered`, async function () {
    this.timeout(900_000)
    const folder = cellFolder(DNA)
    const start = (): CellProcess => new CellProcess(folder, { CELL_MODE: '_test+_hasty', CELL_DATA: 'data' })
    let cell = start()
    let answers = 0
    for (let run = 0; run < RUNS; run += 1) {
      const address = await cell.ready()
      const people = Array.from({ length: OWNERS }, () => new Person(address))
      const running = Promise.all(people.map((person) => person.run()))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_RUN))
      expect((await cell.end('SIGKILL')).signal).to.equal('SIGKILL')
      await running
      cell = start()
      const again = await cell.ready()
      for (const person of people) await person.check(again)
      for (const person of people) answers += person.answers
    }
    await cell.end()
    console.log(JSON.stringify({ runs: RUNS, answers }))
    expect(answers).to.be.above(4 * RUNS)
  })
})
