import { expect } from 'chai'
import { AuditLog, type AuditLine } from './audit-log'
import type { Database } from '../../context/sql'
import { newCredentials, type Answer } from './client'
import { databaseIn } from './table-rows'
import { LIMITS, startThrottledCell, type ClientAt, type ThrottledCell } from './throttled-cell'
import { TrustPoint } from './trust-point'

/** What browser everybody has. */
const AGENT = { 'user-agent': 'Firefox/140.0 (X11; Linux)' }

/** A cell whose audit log goes to a file, where one guess is free, and applications may act. */
export class AuditedCell {
  readonly log = new AuditLog()
  #cell: ThrottledCell | undefined
  #applications: TrustPoint | undefined

  async start(): Promise<void> {
    this.#applications = await TrustPoint.answering(200, { id: 'app-1' })
    const account = { ...LIMITS.account, failures: 1 }
    const sessions = { remoteAuthenticateEndpoint: this.#applications.endpoint }
    this.#cell = await startThrottledCell({ account }, { audit: { destination: this.log.file }, sessions })
  }

  async stop(): Promise<void> {
    await this.#cell?.stop()
    await this.#applications?.stop()
  }

  get database(): Database {
    return databaseIn(this.#cell ?? expect.fail('there is no cell'))
  }

  stranger(): ClientAt {
    return this.#cell?.stranger() ?? expect.fail('there is no cell')
  }

  /** Somebody who has registered from an address of their own. */
  async person(): Promise<Person> {
    const home = this.stranger()
    const credentials = newCredentials()
    const { body } = await home.post('/api/register', credentials)
    return new Person(home, { ...credentials, id: (body as { id: string }).id })
  }

  /** What some work writes, line by line, but for the time, which is checked. */
  async written(work: () => unknown): Promise<object[]> {
    const before = Date.now()
    return (await this.log.during(work)).map(({ time, ...line }: AuditLine) => {
      expect(time).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(Date.parse(String(time))).to.be.within(before, Date.now())
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

  /** What a line says about where they are. */
  get where(): object {
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

  /** The same person at another address. */
  elsewhere(home: ClientAt): Person {
    return new Person(home, this.owner)
  }
}
