import { createHash, randomUUID } from 'node:crypto'
import type { OwnerAdministration } from '../../context/owners/administration'
import { PasswordHasher } from '../../context/owners/passwords'
import { cellFolder, startTestCell, type TestCell } from './cell'
import { Client } from './client'
import { administerOwners } from './owner-administration'
import { ownerRow } from './owner-row'

/** A registered owner. */
export interface TestOwner {
  id: string
  username: string
  password: string
}

/** Every owner's, at first. */
const PASSWORD = 'correct horse battery'

/**
 * Guarded routes at `/races`. `POST /enter/:id` logs in without a password, and so without a hash. `POST /steps` does to its
 * session what routes may do, step by step. The step `hold` waits until the `Held` chemical is released.
 */
const ROUTES = `
const called = (work) => new Promise((resolve, reject) => work((error) => error ? reject(error) : resolve()))
module.exports = function (plasma) {
  const steps = {
    hold: () => new Promise((release) => { void plasma.emit({ type: 'Held', release }) }),
    write: (req) => { req.session.note = Math.random() },
    save: (req) => called((done) => req.session.save(done)),
    touch: (req) => called((done) => req.sessionStore.touch(req.sessionID, req.session, done)),
    // If the session has ended, that is an error, and the request keeps what it has.
    reload: (req) => called((done) => req.session.reload(done)).catch(() => {}),
    owner: (req) => plasma.sessions(req.session).user(),
    regenerate: (req) => called((done) => req.session.regenerate(done)),
  }
  return {
    'POST /enter/:id': (req, res, next) => {
      plasma.sessions.ownerModel.findById(req.params.id, (error, owner) => {
        if (error) return next(error)
        plasma.sessions(req.session).login(owner)
        res.json({})
      })
    },
    '* *': (req, res, next) => {
      plasma.sessions(req.session).user((error, owner) => {
        if (error || owner) next(error)
        else res.status(401).end()
      })
    },
    'POST /steps': async (req, res) => {
      for (const step of req.body) await steps[step](req)
      res.json({})
    },
  }
}`
const FILES = {
  'routes/races/index.js': ROUTES,
  'dna/plasma/race-routes.json': {
    source: 'plasma/express-routes',
    reactOn: ['ExpressServer', 'ExpressSessions'],
    emitReady: 'RaceRoutes',
    path: 'routes/races',
    mount: '/races',
  },
  // Whatever a request does to its session is written.
  'dna/_test/plasma/express-sessions.json': { touchSeconds: 0 },
  // All owners share one address, and some of their logins fail.
  'dna/_test/plasma/throttle.json': { address: { failures: 100_000, underWay: 1000 } },
}

/** Two cells on one folder of data: sessions begin `here`, where requests are in flight, and end `there`. */
export class SharedCells {
  #cells: TestCell[] = []
  #hash = ''
  here = ''
  there = ''

  /** @param url of a PostgreSQL database, if they share one */
  async start(url?: string): Promise<void> {
    const database = url === undefined ? {} : { 'dna/_test/plasma/database.json': { url } }
    const folder = cellFolder({ ...FILES, ...database })
    const start = (): Promise<TestCell> => startTestCell({ data: { folder: `${folder}/data` } }, folder)
    this.#cells = [await start(), await start()]
    ;[this.here = '', this.there = ''] = this.#cells.map(({ address }) => address)
    this.#hash = await new PasswordHasher().hash(PASSWORD)
  }

  async stop(): Promise<void> {
    for (const cell of this.#cells) await cell.stop()
  }

  /** What the operator's commands work with. */
  get operator(): OwnerAdministration {
    const [cell] = this.#cells
    if (!cell) throw new Error('the cells have not been started')
    return administerOwners(cell.database)
  }

  /** Waits until a request in this process is held. @returns releases it */
  held(): Promise<() => void> {
    return new Promise((resolve) => {
      this.#cells[0]?.plasma.once('Held', ({ release }) => resolve(release as () => void))
    })
  }

  /** An owner as registration leaves them, without the time for a hash. */
  async newOwner(): Promise<TestOwner> {
    const id = randomUUID()
    const row = { ...ownerRow(id, `user-${id}`), password_hash: this.#hash, security_stamp: randomUUID() }
    await this.#cells[0]?.database.query.insertInto('owners').values(row).execute()
    return { id, username: row.own_name, password: PASSWORD }
  }

  /** Begins a session of an owner. */
  async enter({ id }: TestOwner): Promise<Client> {
    const client = new Client(this.here)
    const { status, text } = await client.post(`/races/enter/${id}`)
    if (status !== 200) throw new Error(`cannot enter: ${status} ${text}`)
    return client
  }

  /** @returns the status of a guarded request at each cell */
  async statusesOf(client: Client): Promise<number[]> {
    const at = async (address: string): Promise<number> => (await client.copy(address).get('/api/me')).status
    return [await at(this.here), await at(this.there)]
  }
}

/** The handle of a client's session. */
export function handleOf(client: Client): string {
  const id = /^s:([^.]+)\./.exec(decodeURIComponent(client.cookies.get('id') ?? ''))?.[1] ?? ''
  return createHash('sha256').update(id).digest('base64url')
}
