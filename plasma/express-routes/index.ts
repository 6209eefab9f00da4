import type { Express } from 'express'
import organicExpressRoutes from 'organic-express-routes'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { checkDna } from '../../context/errors'
import { organelleDna, react } from '../../context/reaction'
import { Collector } from './collector'
import { PATTERN, findRouteFiles } from './route-files'
import { substituteModules } from './route-module'

const routesDna = z.strictObject({
  ...organelleDna,
  /** Folder of the route files, relative to the working directory. */
  path: z.string('expected a folder').min(1, 'must not be empty'),
  /** Prefix of their URLs. */
  mount: z.string().regex(/^(\/[\w.~-]+)*$/, 'expected a prefix as in "/api", or ""').default(''),
  /** Folder of modules that every route file gets as its third argument, by their names. */
  helpers: z.string().min(1).optional(),
  /** Prints every route that is mounted. */
  log: z.boolean().default(false),
})

/**
 * Mounts a folder of route files. organic-express-routes finds, loads and names them; this organelle refuses what
 * would silently go missing or go unguarded, and decides the order: whatever stands under a guard is behind it, and
 * static routes go before those with parameters, whatever the files are called.
 */
function expressRoutes(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { path, mount, helpers, log } = checkDna(routesDna, dna)

  react(plasma, dna, async ({ data: app }: Organic.Chemical) => {
    const files = findRouteFiles(resolve(path))
    const collector = new Collector(files, mount)
    const restore = substituteModules(files, collector)
    try {
      await collect({ pattern: PATTERN, path: join(path), helpers, mount, log }, collector)
    } finally {
      restore()
    }
    collector.mountOn(app as Express)
  })

  /** Lets organic-express-routes mount everything on the collector. */
  async function collect(upstream: Organic.Dna, collector: Collector): Promise<void> {
    const emitReady = `${path} collected`
    const reactOn = `${path} found`
    await new Promise<void>((resolve) => {
      plasma.once(emitReady, () => {
        resolve()
      })
      organicExpressRoutes(plasma, { ...upstream, reactOn, emitReady })
      void plasma.emit({ type: reactOn, data: collector.app })
    })
  }
}

export = expressRoutes
