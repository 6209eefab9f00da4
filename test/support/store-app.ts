import express, { type ErrorRequestHandler, type Express } from 'express'
import type { SessionData } from 'express-session'
import { Client } from './client'
import { listen, type Listening } from './listening'

declare module 'express-session' {
  interface SessionData {
    note?: unknown
  }
}

/** An Express application that has sessions, and routes that read, write, replace and destroy them. */
export class StoreApp {
  readonly app: Express = express()
  #listening: Listening | undefined
  /** Runs before a session is destroyed. */
  beforeEnd: () => Promise<void> = () => Promise.resolve()
  /** Runs before an error is answered. */
  beforeError: () => Promise<void> = () => Promise.resolve()

  /** @param useSessions mounts the sessions, before the routes */
  static async start(useSessions: (app: Express) => void): Promise<StoreApp> {
    const site = new StoreApp()
    site.app.set('trust proxy', 'loopback').use(express.json())
    useSessions(site.app)
    site.#addRoutes()
    site.#listening = await listen(site.app)
    return site
  }

  client(): Client {
    return new Client(this.#listening?.address ?? '')
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
  }

  #addRoutes(): void {
    this.app.get('/', (req, res) => {
      const { ownerId = null, note = null }: Partial<SessionData> = req.session
      res.json({ ownerId, note })
    })
    this.app.post('/login', (req, res, next) => {
      req.session.regenerate((error) => {
        if (error) return next(error)
        req.session.ownerId = (req.body as { ownerId: unknown }).ownerId
        res.json({})
      })
    })
    this.app.post('/note', (req, res) => {
      req.session.note = (req.body as { note: string }).note
      res.json({})
    })
    this.app.post('/logout', (req, res, next) => {
      this.beforeEnd().then(() => {
        req.session.destroy((error) => {
          if (error) next(error)
          else res.json({})
        })
      }, next)
    })
    const sendError: ErrorRequestHandler = (error: { status?: number; code?: string }, _req, res, next) => {
      this.beforeError().then(() => res.status(error.status ?? 500).json({ code: error.code }), next)
    }
    this.app.use(sendError)
  }
}
