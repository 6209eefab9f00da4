import organicExpressRoutes from 'organic-express-routes'
import { relative } from 'node:path'
import { z } from 'zod'
import { checkDna, organelleDna, urlPrefix } from '../../context/cell'
import { appOf, react } from '../../context/cell/reactions'
import { resolvePath } from '../../context/cell/root'
import { Collector } from './collector'
import { PATTERNS, checkHelpers, findRouteFiles, globOf, type RoutePattern } from './route-files'
import { substituteModules } from './route-module'

const routesDna = z.strictObject({
  ...organelleDna,
  /** Folder of the route files, relative to the working directory. */
  path: z.string('expected a folder').min(1, 'must not be empty'),
  /** Which files to mount. It must not leave out a file that may guard another. */
  pattern: z
    .enum(Object.keys(PATTERNS) as RoutePattern[], `expected one of ${Object.keys(PATTERNS).join(', ')}`)
    .default('/**/*.@(js|ts)'),
  /** Prefix of their URLs. */
  mount: urlPrefix.default(''),
  /** Folder of modules that every route file gets as its third argument, by their names. */
  helpers: z.string().min(1).optional(),
  /** What the route files find in their DNA: theirs to read. */
  options: z.record(z.string(), z.unknown()).optional(),
  /** Prints every route that is mounted. */
  log: z.boolean().default(false),
})

/**
 * Mounts a folder of route files. organic-express-routes finds, loads and names them; this organelle refuses what
 * would silently go missing or go unguarded, and decides the order: whatever stands under a guard is behind it, and
 * static routes go before those with parameters, whatever the files are called.
 */
function expressRoutes(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { path, pattern, mount, helpers, log } = checkDna(routesDna, dna)

  react(plasma, dna, async (...chemicals) => {
    const app = appOf(chemicals)
    if (helpers) checkHelpers(resolvePath(plasma, helpers))
    const collecting = turn.then(async () => {
      const files = findRouteFiles(resolvePath(plasma, path), pattern)
      const collector = new Collector(files, mount)
      const restore = substituteModules(files, plasma, dna, (file, build) => collector.build(file, build))
      await collect(collector).finally(restore)
      return collector
    })
    turn = collecting.catch(() => undefined)
    const collector = await collecting
    collector.mountOn(app)
  })

  /** Lets organic-express-routes mount everything on the collector, through a plasma that says only that. */
  async function collect(collector: Collector): Promise<void> {
    const upstream = {
      pattern: globOf(pattern),
      path: fromHere(plasma, path),
      helpers: helpers && fromHere(plasma, helpers),
      mount,
      log,
    }
    await new Promise<void>((resolve) => {
      const own = {
        on: (_type: unknown, reaction: (chemical: Organic.Chemical) => void) => {
          reaction({ type: 'Collector', data: collector.standIn })
        },
        emit: () => {
          resolve()
        },
      }
      organicExpressRoutes(own as unknown as Organic.Plasma, {
        ...upstream,
        reactOn: 'Collector',
        emitReady: 'Collected',
      })
    })
  }
}

/** Two organelles may mount one folder: they take turns in replacing what its modules export. */
let turn: Promise<unknown> = Promise.resolve()

/** organic-express-routes joins its paths to the working directory, absolute ones too. */
function fromHere(plasma: Organic.Plasma, path: string): string {
  return relative('', resolvePath(plasma, path)) || '.'
}

expressRoutes.dnaSchema = routesDna

export = expressRoutes
