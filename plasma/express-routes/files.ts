import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DnaError } from '../../context/cell'

/** The allowed values of `pattern`, with the extensions that they mount. */
export const PATTERNS = {
  '/**/*.js': ['js'],
  '/**/*.ts': ['ts'],
  '/**/*.@(js|ts)': ['js', 'ts'],
} as const satisfies Record<string, readonly string[]>

/** A value of `pattern`. */
export type RoutePattern = keyof typeof PATTERNS

/** The files that organic-express-routes looks for. Declarations and tests may lie beside them. */
export function globOf(pattern: RoutePattern): string {
  return `/**/!(*.d|*.test|*.spec).@(${extensionsOf(pattern).join('|')})`
}

/** In a build, TypeScript files have become JavaScript. */
function extensionsOf(pattern: RoutePattern): readonly string[] {
  return __filename.endsWith('.js') && pattern === '/**/*.ts' ? ['ts', 'js'] : PATTERNS[pattern]
}

const ROUTE_FILE = /^(?!.*\.(d|test|spec)\.(ts|js)$).*\.(ts|js)$/
const OTHER_CODE = /\.([cm][jt]s|[jt]sx)$/
const STATIC_NAME = /^[a-z0-9][\w.~-]*$/i
const PARAMETER_NAME = /^_[a-z]\w*$/i

/** One file of routes, and the URL that its place in the folder gives it. */
export interface RouteFile {
  /** Absolute path. */
  file: string
  /** Relative to the cell's root, for messages. */
  name: string
  /** The URL's segments, `:id` for a file or folder called `_id`. Empty for the folder's own `index`. */
  segments: string[]
}

/**
 * Finds the route files of a folder that match `pattern`.
 *
 * @param folder absolute path
 * @param root of the cell, absolute
 * @returns the files in the order in which to mount them: a URL before those below it, static ones before parameters
 * @throws {DnaError} for a missing folder, for names that would mount at another URL or not at all, and if `pattern` leaves
 * out a file that may guard another
 */
export function findRouteFiles(folder: string, pattern: RoutePattern, root: string): RouteFile[] {
  checkFolder(folder, 'path', root)
  const files = listFiles(folder, [], root).sort((a, b) => compareSegments(a.segments, b.segments))
  files.forEach((file, index) => {
    const before = files[index - 1]
    if (before && shapeOf(before.segments.join('/')) === shapeOf(file.segments.join('/'))) {
      throw new DnaError('path', `${before.name} and ${file.name} are for one URL, keep one of them`)
    }
  })
  const isMatched = ({ file }: RouteFile): boolean =>
    extensionsOf(pattern).some((extension) => file.endsWith(`.${extension}`))
  const matched = files.filter(isMatched)
  for (const left of files.filter((file) => !isMatched(file))) {
    const below = matched.find(({ segments }) => left.segments.every((segment, depth) => segment === segments[depth]))
    if (below)
      throw new DnaError(
        'pattern',
        `leaves out ${left.name}, which may guard ${below.name}: write ${JSON.stringify('/**/*.@(js|ts)')}`,
      )
  }
  return matched
}

/** @throws {DnaError} that names the key of the DNA, if there is no such folder */
export function checkFolder(folder: string, key: string, root: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DnaError(key, `there is no folder ${relative(root, folder)}`)
  }
}

function listFiles(folder: string, segments: string[], root: string): RouteFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): RouteFile[] => {
    const file = join(folder, entry.name)
    const name = relative(root, file)
    if (entry.name.startsWith('.')) return []
    if (entry.isSymbolicLink()) throw new DnaError('path', `${name} is a symbolic link, put the file itself there`)
    if (entry.isDirectory()) {
      if (ROUTE_FILE.test(entry.name)) throw refused(name, entry.name, entry.name.replace('.', '-'))
      return listFiles(file, [...segments, segmentOf(entry.name, name)], root)
    }
    // A file whose routes would silently be missing.
    if (OTHER_CODE.test(entry.name)) throw new DnaError('path', `${name} would not be mounted, call it .ts or .js`)
    if (!ROUTE_FILE.test(entry.name)) return []
    const base = entry.name.replace(/\.(ts|js)$/, '')
    return [{ file, name, segments: base === 'index' ? segments : [...segments, segmentOf(base, name)] }]
  })
}

function segmentOf(base: string, name: string): string {
  if (PARAMETER_NAME.test(base)) return `:${base.slice(1)}`
  if (base.startsWith('_')) throw refused(name, base, '_id')
  if (base.startsWith('index')) throw refused(name, base, `the-${base}`)
  if (!STATIC_NAME.test(base)) throw refused(name, base, 'letters, digits, - . _ ~')
  return base
}

function refused(name: string, base: string, instead: string): DnaError {
  return new DnaError(
    'path',
    `${name}: "${base}" would be mounted at another URL than it says, write ${instead} instead`,
  )
}

function compareSegments(a: string[], b: string[]): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const isParameter = segment.startsWith(':')
    if (isParameter !== other.startsWith(':')) return isParameter ? 1 : -1
    const [one, another] = [segment.toLowerCase(), other.toLowerCase()]
    if (one !== another && !isParameter) return one < another ? -1 : 1
  }
  return a.length - b.length
}

/** A URL as Express compares it: without parameter names, capitals, and a trailing slash. */
export function shapeOf(url: string): string {
  return url
    .replace(/:\w+/g, ':')
    .replace(/(.)\/$/, '$1')
    .toLowerCase()
}
