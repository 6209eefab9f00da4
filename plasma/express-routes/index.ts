import type { RequestHandler } from 'express'
import { z } from 'zod'
import { checkDna, expressAppOf, organelleDna, react, resolvePath, urlPrefix } from '../../context/cell'
import { PATTERNS, checkFolder, findRouteFiles, globOf, type RoutePattern } from './files'
import { checkGuardOrder } from './guard-order'
import { loadRoutes } from './loader'
import { checkTwins } from './routes'

const routesDna = z.strictObject({
  ...organelleDna,
  path: z.string('expected a folder').min(1, 'must not be empty').describe('Folder of the route files.'),
  pattern: z
    .enum(Object.keys(PATTERNS) as RoutePattern[], `expected one of ${Object.keys(PATTERNS).join(', ')}`)
    .default('/**/*.@(js|ts)')
    .describe('Which files are mounted. The boot stops if it leaves out a file that could guard another.'),
  mount: urlPrefix.default('').describe('Prefix of the URLs.'),
  helpers: z
    .string()
    .min(1)
    .optional()
    .describe('Folder of modules that routes get as their third argument, by their names.'),
  options: z.record(z.string(), z.unknown()).optional().describe('Passed to the route files as dna.options.'),
  log: z.boolean().default(false).describe('Prints the routes.'),
})

/**
 * Mounts a folder of route files. organic-express-routes finds, loads and names them. This organelle refuses what would
 * silently go missing or unguarded, and decides the order, whatever the files are called: a guard goes before everything
 * under it, and static routes go before those with parameters.
 */
function expressRoutes(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { path, pattern, mount, helpers, log } = checkDna(routesDna, dna)

  react(plasma, dna, async (...chemicals) => {
    const app = expressAppOf(chemicals)
    const folders = { path: resolvePath(plasma, path), helpers: helpers && resolvePath(plasma, helpers) }
    const root = resolvePath(plasma, '')
    if (folders.helpers) checkFolder(folders.helpers, 'helpers', root)
    const files = findRouteFiles(folders.path, pattern, root)
    const routes = await loadRoutes(files, { ...folders, pattern: globOf(pattern), mount, log }, (builder, modules) =>
      builder(plasma, dna, modules),
    )
    checkTwins(routes)
    checkGuardOrder(app, routes)
    for (const { verb, paths, handlers } of routes) {
      // A route has a method for each one of HTTP.
      const route = app.route(paths) as unknown as Record<string, (...handlers: RequestHandler[]) => void>
      route[verb]?.(...handlers)
    }
  })
}

expressRoutes.dnaSchema = routesDna

export = expressRoutes
