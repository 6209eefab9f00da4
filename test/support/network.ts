import { Client } from './client'
import { ownersCommand, type OwnersCommand } from './owners-command'
import { CellProcess } from './process'
import { copyProject } from './project'
import { temporaryFolder } from './temporary-folder'

/** Cells of this project as processes, each in modes of its own. */
export class Network {
  readonly #cells: CellProcess[] = []
  readonly #project: string

  constructor() {
    this.#project = copyProject({
      'dna/_here/trust-points.json': { users: '{$USERS_ENDPOINT}', apps: '{$APPS_ENDPOINT}' },
      'dna/_here/plasma/api-routes.json': { options: { registration: true, registrationBesideTrustPoint: true } },
    })
  }

  /** Starts a cell. @returns what reaches it, and the folder of its data */
  async start(
    mode: string,
    env: Record<string, string> = {},
  ): Promise<{ client(): Client; address: string; data: string }> {
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

  /** The command line of the operator of a cell. @param data the folder of the cell's data */
  owners(mode: string, data: string): OwnersCommand {
    return ownersCommand(this.#project, { CELL_MODE: `${mode}+_test`, CELL_DATA: data })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#cells.map((cell) => cell.end()))
  }
}
