import express, { type ErrorRequestHandler, type Response } from 'express'
import { join } from 'node:path'
import { Problem, isProblem } from '../../context/cell'
import { EventBus } from '../../context/cell/event-bus'
import { Database } from '../../context/sql'
import throttle from '../../plasma/throttle'
import { keyOf } from '../../plasma/throttle/counts'
import { listen, type Listening } from './listening'
import { temporaryFolder } from './temporary-folder'
import { ClientAt, LIMITS, newAddress } from './throttled-cell'

/**
 * The throttle organelle on an Express application whose routes answer as the query says: `?200`, `?error`, a code of
 * `?REMOTE_INVALID`, `?hold`, `?half`. No password is hashed. The headers `x-owner` and `x-next-owner` are the session before and after.
 */
export class ThrottledApp {
  readonly plasma: Organic.Plasma = new EventBus()
  /** Answers to `?hold`, for the test to end. */
  readonly held: Response[] = []
  /** Requests that have reached a route. */
  judged = 0
  #listening: Listening | undefined

  private constructor(readonly database: Database) {}

  static async start(changes: object = {}): Promise<ThrottledApp> {
    const started = new ThrottledApp(await Database.open(join(temporaryFolder(), 'cell.db')))
    await started.#listen(changes)
    return started
  }

  get address(): string {
    return this.#listening?.address ?? ''
  }

  at(from = newAddress()): ClientAt {
    return new ClientAt(this.address, from)
  }

  /** The points of a count, 0 if there is no such row. */
  async pointsOf(...key: string[]): Promise<number> {
    const query = this.database.query.selectFrom('throttles').select('points')
    return (await query.where('key', '=', keyOf(...key)).executeTakeFirst())?.points ?? 0
  }

  async stop(): Promise<void> {
    await this.plasma.emit('kill')
    await this.#listening?.stop()
    await this.database.close()
  }

  async #listen(changes: object): Promise<void> {
    const app = express().set('trust proxy', 'loopback')
    app.use(express.json(), express.urlencoded({ extended: false }), (req, _res, next) => {
      Object.assign(req, { sessionID: 'old', session: { ownerId: req.get('x-owner') } })
      next()
    })
    throttle(this.plasma, {
      reactOn: 'ExpressServer',
      emitReady: 'Throttle',
      routes: { '/login': 'credentials', '/password': 'owner', '/register': 'registration' },
      nameFields: { username: true, email: true, nickname: false },
      ...LIMITS,
      ...changes,
    })
    await this.plasma.store({ type: 'Database', data: this.database })
    await this.plasma.store({ type: 'ExpressServer', data: app, server: null as never })
    app.get('/large', (_req, res) => res.end(Buffer.alloc(64_000_000)))
    app.post(['/login', '/password', '/register'], (req, res, next) => {
      this.judged += 1
      const [how = '401'] = Object.keys(req.query)
      const ownerId = req.get('x-next-owner')
      if (ownerId !== undefined) Object.assign(req, { sessionID: 'new', session: { ownerId } })
      if (how === 'hold') this.held.push(res)
      else if (how === 'half') res.write('half', () => res.destroy())
      else if (how === 'error') next(new Error('a bug'))
      else if (/^\d+$/.test(how)) res.status(Number(how)).end()
      else next(new Problem(how === 'REMOTE_INVALID' ? 502 : 503, how, 'x'))
    })
    const answer: ErrorRequestHandler = (error: unknown, _req, res, next) => {
      if (isProblem(error)) res.problem = error
      const { status = 500, retryAfter } = Object(error) as Partial<Problem>
      if (res.headersSent) next(error)
      else res.status(status).set('Retry-After', String(retryAfter)).end()
    }
    app.use(answer)
    this.#listening = await listen(app)
  }
}
