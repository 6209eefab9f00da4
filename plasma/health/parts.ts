import { promisify } from 'node:util'
import type { SessionStore, TrustPointStatus } from '../../context/cell'
import type { Database } from '../../context/sql'
import { Check, type Finding } from './check'

/** How the parts of a cell are. It names none of their places. */
export interface Report {
  /** Whether everything works that the cell cannot do without. */
  isUp: boolean
  database?: Finding
  sessions?: Finding
  /** By name. `ms` is how long the last answer took. */
  trustPoints?: Record<string, Pick<TrustPointStatus, 'state' | 'ms'>>
}

/** The parts of a cell that probes ask about. Those that the cell does not have are left out. */
export class Parts {
  readonly #checks: { database?: Check; sessions?: Check } = {}
  readonly #trustPoints: TrustPointStatus[] = []

  /** @param timeout milliseconds after which a part counts as down */
  constructor(plasma: Organic.Plasma, timeout: number) {
    plasma.once('Database', ({ data }) => {
      this.#checks.database = new Check(questionFor(data), timeout)
    })
    plasma.once('SessionStore', ({ data }) => {
      this.#checks.sessions = new Check(() => lookIn(data), timeout)
    })
    plasma.on('TrustPoints', ({ data }) => {
      this.#trustPoints.push(...data)
    })
  }

  /** Never rejects, and takes no longer than the timeout. */
  async read(): Promise<Report> {
    const [database, sessions] = await Promise.all([this.#checks.database?.read(), this.#checks.sessions?.read()])
    const points = this.#trustPoints.map(({ name, state, ms }) => [name, { state, ms }] as const)
    return {
      isUp: database?.state !== 'down' && sessions?.state !== 'down',
      ...(database && { database }),
      ...(sessions && { sessions }),
      ...(points.length > 0 && { trustPoints: Object.fromEntries(points) }),
    }
  }
}

/** A read as every guarded request makes it: on a connection that waits for no writer. */
function questionFor(database: Database): () => Promise<unknown> {
  const findOwner = database.prepare((db) => db.selectFrom('owners').select('id').where('id', '=', ''))
  // No owner has this id.
  return () => findOwner('')
}

/** No session has this id. */
function lookIn(store: SessionStore): Promise<unknown> {
  return promisify(store.get.bind(store))('health')
}
