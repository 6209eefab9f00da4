import express, { type RequestHandler } from 'express'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join, relative } from 'node:path'
import { EventBus } from '../../context/cell/event-bus'
import { listMounted } from '../../context/http/router'
import expressResponse from '../../plasma/express-response'
import expressRoutes from '../../plasma/express-routes'
import { Client } from './client'
import { listen, type Listening } from './listening'
import { temporaryFolder, writeFiles } from './temporary-folder'

const open = new Map<Listening, Organic.Plasma>()
let mounted = 0

/** An Express application on a plasma, with what mounts route files and what ends a request, and no more of a cell. */
export class RouteApp {
  readonly plasma: Organic.Plasma = new EventBus()
  readonly app = express()

  constructor() {
    this.app.disable('x-powered-by')
    void this.plasma.store({ type: 'ExpressServer', data: this.app, server: createServer(this.app) })
  }

  /**
   * Writes route files to a folder and mounts them.
   *
   * @param files their sources, by paths below the folder
   * @param dna of the organelle, besides its `path`
   * @param folder absolute path
   * @returns the folder; rejects with what the organelle says in `CellFailed`, or throws itself
   */
  async mount(files: Record<string, string>, dna: object = {}, folder = newRouteFolder()): Promise<string> {
    writeFiles(folder, files)
    mounted += 1
    const path = relative(process.cwd(), folder)
    const own = { reactOn: 'ExpressServer', emitReady: `Routes${mounted}`, path, ...dna }
    await new Promise((resolve, reject) => {
      this.plasma.once(own.emitReady, resolve)
      this.plasma.on('CellFailed', (failed) => {
        const error = failed.error as Error
        if (failed.dna === own) reject(error)
      })
      expressRoutes(this.plasma, own)
    })
    return folder
  }

  /** The paths of the routes that are mounted, in the order in which Express asks them. */
  get paths(): string[] {
    return listMounted(this.app).flatMap(({ route, urls }) => (route ? urls : []))
  }

  /** Puts express-response behind everything else, and opens a port. */
  async listen(): Promise<Client> {
    expressResponse(this.plasma, { reactOn: ['ExpressServer', 'CellAssembled'] })
    await this.plasma.store('CellAssembled')
    const listening = await listen(this.app)
    open.set(listening, this.plasma)
    return new Client(listening.address)
  }
}

/**
 * A folder of route files, or of their helpers.
 *
 * @param checkout path of the project that it is in
 * @returns its absolute path
 */
export function newRouteFolder(files: Record<string, string> = {}, checkout = 'checkout'): string {
  const folder = join(temporaryFolder(), checkout, 'routes')
  mkdirSync(folder, { recursive: true })
  writeFiles(folder, files)
  return folder
}

/** Mounts route files on an application of their own. */
export async function serveRoutes(files: Record<string, string>, dna: object = {}, folder?: string): Promise<Client> {
  const app = new RouteApp()
  await app.mount(files, dna, folder)
  return app.listen()
}

/** An application that answers every request with these handlers. */
export function answering(...handlers: RequestHandler[]): Promise<Client> {
  const app = new RouteApp()
  app.app.use(...handlers)
  return app.listen()
}

/** Closes every port that tests of this file have opened. */
export async function closeApps(): Promise<void> {
  const { error } = console
  // Otherwise express-response counts recurring errors in the log of a later test, a minute on.
  console.error = () => undefined
  for (const [listening, plasma] of open) {
    await listening.stop()
    await plasma.emit('killed')
  }
  console.error = error
  open.clear()
}

/** The source of a route file as the README of organic-express-routes writes it. */
export function javascript(routes: string): string {
  return `module.exports = function(plasma, dna, helpers){
  return { ${routes} }
}
`
}

/** A handler in the documented form: answers with a name and the URL's parameters, and calls `next`. */
export function answer(name: string): string {
  return `function (req, res, next) { res.response = { name: '${name}', params: req.params }; next() }`
}

/** A handler that answers by itself, with a name. */
export function send(name: string): string {
  return `function (req, res) { res.json({ name: '${name}' }) }`
}

/** A guard: lets pass who sends this header with this value. */
export function guard(pass = 'yes', header = 'x-pass'): string {
  return `function (req, res, next) {
    if (req.get('${header}') === '${pass}') return next()
    next(Object.assign(new Error('guarded'), { status: 401 }))
  }`
}
