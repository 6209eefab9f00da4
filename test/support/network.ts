import { Client } from './client'
import { CellProcess } from './process'
import { copyProject } from './project'
import { temporaryFolder } from './temporary-folder'

/** Cells of this project as processes, each in modes of its own. */
export class Network {
  readonly #cells: CellProcess[] = []
  readonly #project: string

  /** @param sessions DNA of the sessions organelle of cells that trust */
  constructor(sessions: object = {}) {
    this.#project = copyProject({
      'dna/_here/trust-points.json': { users: '{$USERS_ENDPOINT}', apps: '{$APPS_ENDPOINT}' },
      'dna/_here/plasma/sessions.json': sessions,
      'dna/_here/plasma/api-routes.json': { options: { registration: true, registrationBesideTrustPoint: true } },
    })
  }

  /** Starts a cell. @returns what reaches it, and the folder of its data */
  async start(mode: string, env: Record<string, string> = {}): Promise<{ client(): Client; address: string; data: string }> {
    const data = temporaryFolder()
    const cell = new CellProcess(this.#project, { CELL_MODE: `${mode}+_test`, CELL_DATA: data, ...env })
    this.#cells.push(cell)
    const address = await cell.ready()
    return { client: () => new Client(address), address, data }
  }

  /** A cell that trusts these two endpoints. */
  trusting(users: string, apps = 'http://127.0.0.1:9/api/login'): ReturnType<Network['start']> {
    return this.start('_trusting+_here', { USERS_ENDPOINT: users, APPS_ENDPOINT: apps })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#cells.map((cell) => cell.end()))
  }
}
