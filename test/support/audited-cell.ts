import { expect } from 'chai'
import type { Database } from '../../context/sql'
import { AuditLog, type AuditLine } from './audit-log'
import { newCredentials, type Answer } from './client'
import { startThrottledCell, type ClientAt, type ThrottledCell } from './throttled-cell'

/** The browser of every person. */
const AGENT = { 'user-agent': 'Firefox/140.0 (X11; Linux)' }

/** A cell with its audit log in a file. */
export class AuditedCell {
  readonly log = new AuditLog()
  #cell: ThrottledCell | undefined

  async start(): Promise<void> {
    this.#cell = await startThrottledCell({}, { audit: { destination: this.log.file } })
  }

  async stop(): Promise<void> {
    await this.#cell?.stop()
  }

  get database(): Database {
    return this.#started.database
  }

  get #started(): ThrottledCell {
    return this.#cell ?? expect.fail('the cell has not started')
  }

  stranger(): ClientAt {
    return this.#started.stranger()
  }

  /** A new owner at a new address. */
  async person(): Promise<Person> {
    const home = this.stranger()
    const credentials = newCredentials()
    const { body } = await home.post('/api/register', credentials)
    return new Person(home, { ...credentials, id: (body as { id: string }).id })
  }

  /** The lines that some work writes, without the time, which is checked. */
  async written(work: () => unknown): Promise<object[]> {
    return (await this.log.during(work)).map(({ time, ...line }: AuditLine) => {
      expect(time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      // The machine's clock may be set meanwhile.
      expect(Date.parse(String(time))).to.be.closeTo(Date.now(), 60_000)
      return line
    })
  }
}

/** An owner in their browser. */
export class Person {
  constructor(
    readonly home: ClientAt,
    readonly owner: { id: string; username: string; password: string },
  ) {}

  /** What a line says about the client. */
  get where(): { address: string; agent: string } {
    return { address: this.home.from, agent: AGENT['user-agent'] }
  }

  logIn(changes: object = {}): Promise<Answer> {
    return this.post('/api/login', { username: this.owner.username, password: this.owner.password, ...changes })
  }

  post(path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
    return this.home.post(path, body, { ...AGENT, ...headers })
  }

  send(method: string, path: string): Promise<Answer> {
    return this.home.send(method, path, undefined, AGENT)
  }

  /** The same owner somewhere else. */
  elsewhere(home: ClientAt): Person {
    return new Person(home, this.owner)
  }
}
