import type { Express, RequestHandler } from 'express'
import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { z } from 'zod'
import { DnaError, resolvePath, urlPrefix } from '../cell'
import { KEEP_FOREVER, versionOf } from './content-version'

/** DNA of a folder of files that anybody may load. */
export const staticFilesDna = z.strictObject({
  path: z.string('expected a folder').min(1, 'must not be empty').describe("The folder, relative to the cell's root."),
  mount: urlPrefix.min(1, 'must not be empty').default('/static').describe('Prefix of their URLs.'),
})

/** Checked DNA of such a folder. */
export type StaticFilesDna = z.output<typeof staticFilesDna>

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The folder of static files is there. Stored, if DNA names one. `data` makes a file's URL. */
      StaticFiles: { data: (name: string) => string }
    }
  }
}

/** A file as it was when the cell booted. */
interface StaticFile {
  /** Relative to the folder. */
  path: string
  /** By {@link versionOf}. */
  version: string
  size: number
  mtimeMs: number
}

/**
 * The URL of a static file, which changes with its content, so that browsers keep it for a year and never show an old one.
 *
 * @param name as in `css/notes.css`, relative to the folder that DNA names
 * @throws {Error} if there is no such file, or DNA names no folder
 * @example const html = `<link rel="stylesheet" href="${staticUrl(plasma, 'notes.css')}">`
 */
export function staticUrl(plasma: Organic.Plasma, name: string): string {
  const files = plasma.get({ type: 'StaticFiles' })
  if (!files) throw new Error('dna/plasma/express-server.json names no folder of staticFiles')
  return files.data(name)
}

/**
 * Mounts a folder of files, before sessions and guards: anybody may load them. Only what was there when the cell booted is
 * served: no directories, no names with a leading dot, and nothing that a link leads to.
 *
 * @throws {DnaError} if the folder is missing, holds the cell itself, or has links in it
 */
export function mountStaticFiles(app: Express, plasma: Organic.Plasma, { path, mount }: StaticFilesDna): void {
  const root = resolvePath(plasma, '')
  const folder = resolvePath(plasma, path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new DnaError('staticFiles.path', `there is no folder ${relative(root, folder)}`)
  const real = realpathSync(folder)
  if (isWithin(real, realpathSync(root)) || isWithin(resolvePath(plasma, 'dna'), real))
    throw new DnaError('staticFiles.path', 'would serve the cell itself, with its secrets: name a folder of its own')
  const files = new Map(listFiles(real, '').map((file) => [`/${file.path}`, file]))

  void plasma.store({
    type: 'StaticFiles',
    data: (name) => {
      const file = files.get(`/${name}`)
      if (!file) throw new Error(`there was no static file ${name} when the cell booted`)
      return `${mount}/${name.split('/').map(encodeURIComponent).join('/')}?v=${file.version}`
    },
  })
  app.use(mount, serveFiles(real, files))
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

function listFiles(folder: string, path: string): StaticFile[] {
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry): StaticFile[] => {
    if (entry.name.startsWith('.')) return []
    const name = path === '' ? entry.name : `${path}/${entry.name}`
    if (entry.isDirectory()) return listFiles(folder, name)
    if (!entry.isFile())
      throw new DnaError('staticFiles.path', `${name} is a link or no file at all: put the file itself there`)
    const { size, mtimeMs } = statSync(join(folder, name))
    return [{ path: name, version: versionOf(readFileSync(join(folder, name))), size, mtimeMs }]
  })
}

function serveFiles(folder: string, files: Map<string, StaticFile>): RequestHandler {
  return function serveStaticFile(req, res, next) {
    const file = req.method === 'GET' || req.method === 'HEAD' ? files.get(decodePath(req.path)) : undefined
    if (!file) {
      next()
      return
    }
    const full = join(folder, file.path)
    Promise.all([realpath(full), stat(full)]).then(
      ([real, found]) => {
        // A link or a folder that has come since the boot.
        if (real !== full || !found.isFile()) {
          next()
          return
        }
        const isSame = found.size === file.size && found.mtimeMs === file.mtimeMs
        const isAsVersioned = isSame && req.query['v'] === file.version
        res.setHeader('Cache-Control', isAsVersioned ? KEEP_FOREVER : 'no-cache')
        res.sendFile(file.path, { root: folder, cacheControl: false }, (error?: NodeJS.ErrnoException) => {
          if (error && error.code !== 'ECONNABORTED') next(error)
        })
      },
      () => next(),
    )
  }
}

/** A path as it is on disk, or an empty string if it is no path. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return ''
  }
}
