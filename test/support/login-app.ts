import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import session, { MemoryStore, type Store } from 'express-session'
import { Client } from './client'
import { listen, type Listening } from './listening'
import { MemoryOwners, type MemoryOwner } from './memory-owners'
import { buildSessions, type AnySessions, type BuiltSessions } from './sessions-organelle'

type Operation = 'set' | 'destroy' | 'get' | 'touch'

/** A memory store whose operations can be made to fail. They leave the sessions as they are. */
export class FailingStore extends MemoryStore {
  readonly failing = new Set<Operation>()

  override set(...[id, data, callback]: Parameters<MemoryStore['set']>): void {
    if (this.#works('set', callback)) super.set(id, data, callback)
  }
  override destroy(...[id, callback]: Parameters<MemoryStore['destroy']>): void {
    if (this.#works('destroy', callback)) super.destroy(id, callback)
  }
  override get(...[id, callback]: Parameters<MemoryStore['get']>): void {
    if (this.#works('get', callback)) super.get(id, callback)
  }
  override touch(...[id, data, callback]: Parameters<MemoryStore['touch']>): void {
    if (this.#works('touch', callback)) super.touch(id, data, callback)
  }

  /** The ids of its sessions, each with its owner's. */
  async owners(): Promise<Record<string, unknown>> {
    const all = await new Promise<object>((resolve, reject) => {
      this.all((error: Error | null, sessions) => {
        if (error) reject(error)
        else resolve(sessions ?? {})
      })
    })
    const owners = Object.entries(all).map(([id, data]) => [id, Reflect.get(data as object, 'ownerId') as unknown])
    return Object.fromEntries(owners) as Record<string, unknown>
  }

  #works(operation: Operation, callback?: (error: Error) => void): boolean {
    if (!this.failing.has(operation)) return true
    setImmediate(() => callback?.(new Error(`the store fails to ${operation}`)))
    return false
  }
}

/** What a {@link LoginApp} is made of. */
export interface LoginAppOptions {
  store: Store
  owners: MemoryOwner[]
  /** DNA of the organelle. */
  dna?: object
  /** Adds routes, or middleware before the app's own routes. */
  addRoutes?: (app: Express, sessions: AnySessions) => void
}

/**
 * An Express application with express-session and a sessions organelle, and nothing else of a cell. Answers have the id of
 * the session that the request ended on, or the status and the code of an error.
 */
export class LoginApp {
  readonly owners: MemoryOwners
  readonly built: BuiltSessions
  /** Runs once the session of a request is loaded, before the organelle is asked. Not at a login. */
  beforeAsking = (): Promise<void> => Promise.resolve()
  /** Runs before an error is answered. */
  beforeError = (): Promise<void> => Promise.resolve()
  readonly #app: Express = express()
  #listening: Listening | undefined

  private constructor({ store, owners, dna, addRoutes }: LoginAppOptions) {
    this.owners = new MemoryOwners(...owners)
    this.built = buildSessions({ ownerModel: this.owners, ...dna })
    // Express prints no errors in its environment for tests.
    this.#app.set('env', 'test').set('trust proxy', 'loopback').use(express.json())
    this.#app.use(session({ secret: 'x'.repeat(32), store, name: 'id', resave: false, saveUninitialized: false }))
    addRoutes?.(this.#app, this.built.sessions)
    this.#addRoutes()
  }

  static async start(options: LoginAppOptions): Promise<LoginApp> {
    const app = new LoginApp(options)
    app.#listening = await listen(app.#app)
    return app
  }

  client(): Client {
    return new Client(this.#listening?.address ?? '')
  }

  /** A client that this owner has logged in with. */
  async loggedIn({ username, password }: MemoryOwner): Promise<Client> {
    const client = this.client()
    await client.post('/login', { username, password }, { 'user-agent': 'Firefox' })
    return client
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
    await this.built.plasma.emit('killed')
  }

  #addRoutes(): void {
    const { sessions } = this.built
    const asks =
      (work: (api: ReturnType<AnySessions>, req: Request) => unknown): RequestHandler =>
      (req, res, next) => {
        this.beforeAsking()
          .then(() => work(sessions(req.session), req))
          .then((result) => res.json({ result, id: req.sessionID }), next)
      }
    this.#app.post('/login', (req, res, next) => {
      sessions(req.session).login(req.body as Record<string, unknown>, (error, owner) => {
        if (error) return next(error)
        res.status(owner ? 200 : 401).json({ owner, id: req.sessionID })
      })
    })
    this.#app.post('/login-at-once', (req, res) => {
      sessions(req.session).login({ ...(req.body as MemoryOwner) })
      res.json({ id: req.sessionID, ownerId: req.session.ownerId })
    })
    this.#app.post('/logout', (req, res, next) => {
      const logout = (): void =>
        sessions(req.session).logout((error) => {
          if (error) return next(error)
          res.status(204).end()
        })
      this.beforeAsking().then(logout, next)
    })
    this.#app.get('/me', (req, res, next) => {
      sessions(req.session).owner((error, owner) => {
        if (error) return next(error)
        res.json({ owner: owner ?? null, id: req.sessionID })
      })
    })
    this.#app.post(
      '/cart',
      asks((_api, req) => Object.assign(req.session, { cart: [1] })),
    )
    this.#app.post(
      '/login-as',
      asks((api, req) => api.loginAs(req.body as MemoryOwner)),
    )
    this.#app.get(
      '/sessions',
      asks((api) => api.list()),
    )
    this.#app.delete(
      '/sessions',
      asks((api) => api.endOthers()),
    )
    this.#app.delete(
      '/sessions/:id',
      asks((api, req) => api.end(String(req.params['id']))),
    )
    this.#app.post(
      '/renew',
      asks((api, req) => api.renew(req.body as MemoryOwner)),
    )
    const sendError: ErrorRequestHandler = (
      error: { status?: number; code?: string; message: string },
      _req,
      res,
      next,
    ) => {
      if (res.headersSent) return next(error)
      const { status = 500, code, message } = error
      this.beforeError().then(() => res.status(status).json({ code, message }), next)
    }
    this.#app.use(sendError)
  }
}

/** @returns the id of the owner whom the application takes this client for, or `null` */
export async function whoIs(client: Client): Promise<unknown> {
  const { body } = await client.get('/me')
  return (body as { owner: { id: string } | null }).owner?.id ?? null
}

/** The id of the session that a request ended on. */
export function sessionIdIn({ body }: { body: unknown }): string {
  return (body as { id: string }).id
}
