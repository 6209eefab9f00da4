import express, { type ErrorRequestHandler, type Express } from 'express'
import session, { MemoryStore } from 'express-session'
import { Client } from './client'
import { listen, type Listening } from './listening'
import { MemoryOwners, type MemoryOwner } from './memory-owners'
import { buildSessions, type BuiltSessions } from './sessions-organelle'

/** A memory store whose operations can be made to fail. */
export class FailingStore extends MemoryStore {
  /** Operations that fail, and leave the sessions as they are. */
  readonly failing = new Set<'set' | 'destroy' | 'get' | 'touch'>()

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

  #works(operation: 'set' | 'destroy' | 'get' | 'touch', callback?: (error: Error) => void): boolean {
    if (!this.failing.has(operation)) return true
    setImmediate(() => callback?.(new Error(`the store fails to ${operation}`)))
    return false
  }
}

/**
 * An Express application with express-session and a sessions organelle, and nothing else of a cell: `POST /login`
 * with credentials, `POST /login-at-once` and `POST /login-as` with an owner, `GET /me`, `POST /logout`, `POST /cart` which makes a session that
 * nobody is logged in to. Each answers with the session id that the request ended on.
 */
export class LoginApp {
  readonly store = new FailingStore()
  readonly app: Express = express()
  readonly owners: MemoryOwners
  readonly built: BuiltSessions
  #listening: Listening | undefined

  constructor(...owners: MemoryOwners['owners']) {
    this.owners = new MemoryOwners(...owners)
    this.built = buildSessions({ ownerModel: this.owners })
    const { sessions } = this.built
    // Express prints no errors in its environment for tests.
    this.app.set('env', 'test').use(express.json())
    this.app.use(
      session({ secret: 'x'.repeat(32), store: this.store, name: 'id', resave: false, saveUninitialized: false }),
    )
    this.app.post('/login', (req, res, next) => {
      sessions(req.session).login(req.body as Record<string, unknown>, (error, owner) => {
        if (error) return next(error)
        res.status(owner ? 200 : 401).json({ owner, id: req.sessionID })
      })
    })
    this.app.post('/login-at-once', (req, res) => {
      sessions(req.session).login({ ...(req.body as MemoryOwner) })
      const ownerId: unknown = Reflect.get(req.session, 'ownerId')
      res.json({ id: req.sessionID, ownerId })
    })
    this.app.post('/login-as', (req, res, next) => {
      const stored = sessions(req.session)
        .loginAs(req.body as MemoryOwner)
        .then(() => this.stored())
      stored.then((stored) => res.json({ id: req.sessionID, stored }), next)
    })
    this.app.get('/me', (req, res, next) => {
      sessions(req.session).owner((error, owner) => {
        if (error) return next(error)
        res.json({ owner: owner ?? null, id: req.sessionID })
      })
    })
    this.app.post('/logout', (req, res, next) => {
      sessions(req.session).logout((error) => {
        if (error) return next(error)
        res.status(204).end()
      })
    })
    this.app.post('/cart', (req, res) => {
      Object.assign(req.session, { cart: [1] })
      res.json({ id: req.sessionID })
    })
  }

  /** Routes that a test adds to `app` come before this. */
  async start(): Promise<this> {
    this.app.use(answerError)
    this.#listening = await listen(this.app)
    return this
  }

  client(): Client {
    return new Client(this.#listening?.address ?? '')
  }

  /** The ids of the sessions in the store, each with its owner's. */
  async stored(): Promise<Record<string, unknown>> {
    const all = await new Promise<object>((resolve, reject) => {
      this.store.all((error: Error | null, sessions) => {
        if (error) reject(error)
        else resolve(sessions ?? {})
      })
    })
    const owners = Object.entries(all).map(([id, data]) => [id, Reflect.get(data as object, 'ownerId') as unknown])
    return Object.fromEntries(owners) as Record<string, unknown>
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
  }
}

const answerError: ErrorRequestHandler = (error: { status?: number; message: string }, _req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(error.status ?? 500).json({ error: error.message })
}

/** @returns the id of the owner whom the cell takes this client for */
export async function whoIs(client: Client): Promise<unknown> {
  const { body } = await client.get('/me')
  return (body as { owner: { id: string } | null }).owner?.id ?? null
}
