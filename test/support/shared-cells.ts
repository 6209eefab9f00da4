import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { OwnerAdministration } from '../../context/owners/administration'
import { PasswordHasher } from '../../context/owners/passwords'
import { Database } from '../../context/sql'
import { Client } from './client'
import { administerOwners } from './owner-administration'
import { ownerRow } from './owner-row'
import { CellProcess } from './process'
import { copyProject } from './project'
import { STEP_ROUTES } from './session-steps'

/** An owner who has registered. */
export interface TestOwner {
  id: string
  username: string
  password: string
}

/** Of every owner, at first. */
export const PASSWORD = 'correct horse battery'
const DNA = {
  // Whatever a request does with its session is written.
  'dna/_shared/plasma/express-sessions.json': { touchSeconds: 0 },
  // All owners are at one address, and some of them fail.
  'dna/_shared/plasma/throttle.json': { address: { failures: 100_000 } },
}

/**
 * Processes of one project on one folder of data, with the routes of {@link STEP_ROUTES}. This process is their
 * operator's: it opens their database, as the command line does.
 */
export class SharedCells {
  #database: Database | undefined
  #operator: OwnerAdministration | undefined
  readonly #cells: CellProcess[] = []
  readonly #addresses: string[] = []
  #passwordHash = ''

  async start(count: number): Promise<void> {
    const folder = copyProject({ ...STEP_ROUTES, ...DNA })
    for (let started = 0; started < count; started += 1) {
      const cell = new CellProcess(folder, { CELL_MODE: '_test+_shared', CELL_DATA: 'data' })
      this.#cells.push(cell)
      this.#addresses.push(await cell.ready())
    }
    this.#database = await Database.open(join(folder, 'data/cell.db'))
    this.#operator = administerOwners(this.#database)
    this.#passwordHash = await new PasswordHasher().hash(PASSWORD)
  }

  get database(): Database {
    if (!this.#database) throw new Error('the cells have not been started')
    return this.#database
  }

  /** What the operator's command line works with. */
  get operator(): OwnerAdministration {
    if (!this.#operator) throw new Error('the cells have not been started')
    return this.#operator
  }

  /** The first cell: where sessions begin, and the requests in flight are. */
  get here(): string {
    return this.#addresses[0] ?? ''
  }

  /** The last one: where they end. */
  get there(): string {
    return this.#addresses.at(-1) ?? ''
  }

  /** An owner as a registration leaves him, without the time that its hash takes. */
  async newOwner(): Promise<TestOwner> {
    const id = randomUUID()
    const row = { ...ownerRow(id, `user-${id}`), password_hash: this.#passwordHash, security_stamp: randomUUID() }
    await this.database.query.insertInto('owners').values(row).execute()
    return { id, username: row.own_name, password: PASSWORD }
  }

  /** A new session of his. */
  async enter({ id }: TestOwner): Promise<Client> {
    const client = new Client(this.here)
    const { status, text } = await client.post(`/enter/${id}`)
    if (status !== 200) throw new Error(`nobody enters: ${status} ${text}`)
    return client
  }

  /** What is kept of a client's session: the stamp that its owner had when it began. */
  async kept(client: Client): Promise<{ stamp: unknown } | undefined> {
    const row = await this.database.query
      .selectFrom('sessions')
      .select('data')
      .where('id_hash', '=', handleOf(client))
      .executeTakeFirst()
    return row && { stamp: (JSON.parse(row.data) as { login?: { stamp?: unknown } }).login?.stamp }
  }

  /** The stamp that an owner has now. */
  async stampOf({ id }: TestOwner): Promise<string> {
    return (
      await this.database.query
        .selectFrom('owners')
        .select('security_stamp')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    ).security_stamp
  }

  async stop(): Promise<void> {
    await this.#database?.close()
    const ended = await Promise.all(this.#cells.map((cell) => cell.end()))
    for (const { code, stderr } of ended)
      if (code !== 0 || stderr !== '') throw new Error(`a cell ended with ${String(code)}: ${stderr}`)
  }
}

/** The id of a client's session, as lists of sessions have it. */
export function handleOf(client: Client): string {
  const id = /^s:([^.]+)\./.exec(decodeURIComponent(client.cookies.get('id') ?? ''))?.[1] ?? ''
  return createHash('sha256').update(id).digest('base64url')
}
