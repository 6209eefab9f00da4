import express, { type ErrorRequestHandler, type Express } from 'express'
import session, { type Store } from 'express-session'
import { Client } from './client'
import { listen, type Listening } from './listening'
import { MemoryOwners, type MemoryOwner } from './memory-owners'
import { buildSessions, type BuiltSessions } from './sessions-organelle'

/**
 * An Express application with sessions in a given store and a sessions organelle, and nothing else of a cell: routes to
 * log in, and for what an owner does with his own sessions.
 */
export class OwnSessionsApp {
  readonly owners: MemoryOwners
  readonly built: BuiltSessions
  /** Runs when the session of a request has been loaded, before the organelle is asked. */
  beforeAsking = (): Promise<void> => Promise.resolve()
  /** Runs before an error is answered. */
  beforeError = (): Promise<void> => Promise.resolve()
  readonly #app: Express = express()
  #listening: Listening | undefined

  private constructor(store: Store, owners: MemoryOwner[]) {
    this.owners = new MemoryOwners(...owners)
    this.built = buildSessions({ ownerModel: this.owners })
    this.#app.use(express.json())
    this.#app.use(session({ secret: 'x'.repeat(32), store, name: 'id', resave: false, saveUninitialized: false }))
    this.#addRoutes()
  }

  static async start(store: Store, ...owners: MemoryOwner[]): Promise<OwnSessionsApp> {
    const site = new OwnSessionsApp(store, owners)
    site.#listening = await listen(site.#app)
    return site
  }

  /** A browser in which this owner has logged in. */
  async loggedIn({ username, password }: MemoryOwner, agent = 'Firefox', login: object = {}): Promise<Client> {
    const client = new Client(this.#listening?.address ?? '')
    await client.post('/login', { username, password, ...login }, { 'user-agent': agent })
    return client
  }

  client(): Client {
    return new Client(this.#listening?.address ?? '')
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
  }

  #addRoutes(): void {
    const { sessions } = this.built
    this.#app.post('/login', (req, res, next) => {
      sessions(req.session).login(req.body as Record<string, unknown>, (error, owner) => {
        if (error) return next(error)
        res.status(owner ? 200 : 401).json({})
      })
    })
    this.#app.get('/me', (req, res, next) => {
      const api = sessions(req.session)
      api.owner().then((owner) => res.json({ owner: owner ?? null, actor: api.actor() }), next)
    })
    type Work = (api: ReturnType<typeof sessions>, req: express.Request) => Promise<unknown>
    const answers =
      (work: Work): express.RequestHandler =>
      (req, res, next) => {
        this.beforeAsking()
          .then(() => work(sessions(req.session), req))
          .then((result) => res.json({ result }), next)
      }
    this.#app.get(
      '/sessions',
      answers((api) => api.list()),
    )
    this.#app.delete(
      '/sessions',
      answers((api) => api.endOthers()),
    )
    this.#app.delete(
      '/sessions/:id',
      answers((api, req) => api.end(String(req.params['id']))),
    )
    this.#app.post(
      '/renew',
      answers((api, req) => api.renew(req.body as MemoryOwner)),
    )
    const sendError: ErrorRequestHandler = (error: { status?: number; code?: string }, _req, res, next) => {
      this.beforeError().then(() => res.status(error.status ?? 500).json({ code: error.code }), next)
    }
    this.#app.use(sendError)
  }
}
