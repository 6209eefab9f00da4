import { join } from 'node:path'
import { Client, newCredentials } from './client'
import { CellProcess, type Ended } from './process'
import { copyProject } from './project'
import { temporaryFolder } from './temporary-folder'

/** A cell as a process of its own, on data that outlives it. */
export class RestartableCell {
  readonly data: string
  readonly #project: string
  readonly #env: Record<string, string>
  #cell: CellProcess | undefined
  #address = ''

  /** @param data the folder of its data */
  constructor(data = temporaryFolder(), env: Record<string, string> = {}) {
    this.data = data
    this.#project = copyProject()
    this.#env = env
  }

  get file(): string {
    return join(this.data, 'cell.db')
  }

  /** What it has said of what goes wrong. */
  get stderr(): string {
    return this.#cell?.stderr ?? ''
  }

  async start(env: Record<string, string> = {}): Promise<this> {
    this.#address = await this.#spawn(env).ready()
    return this
  }

  /** Starts it where it cannot. @returns how it has ended */
  refused(env: Record<string, string> = {}): Promise<Ended> {
    return this.#spawn(env).ended
  }

  async stop(): Promise<Ended | undefined> {
    return this.#cell?.end()
  }

  signal(signal: NodeJS.Signals): void {
    this.#cell?.child.kill(signal)
  }

  client(): Client {
    return new Client(this.#address)
  }

  /** Somebody who is logged in. */
  async owner(): Promise<{ client: Client; credentials: { username: string; password: string } }> {
    const client = this.client()
    const credentials = newCredentials()
    await client.registerAndLogIn(credentials)
    return { client, credentials }
  }

  #spawn(env: Record<string, string>): CellProcess {
    this.#cell = new CellProcess(this.#project, { CELL_MODE: '_test', CELL_DATA: this.data, ...this.#env, ...env })
    return this.#cell
  }
}
