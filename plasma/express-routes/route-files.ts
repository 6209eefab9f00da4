import { readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DnaError, messageOf } from '../../context/cell'

/** The allowed values of `pattern`, with the extensions that they mount. */
export const PATTERNS = {
  '/**/*.js': ['js'],
  '/**/*.ts': ['ts'],
  '/**/*.@(js|ts)': ['js', 'ts'],
} as const satisfies Record<string, readonly string[]>

export type RoutePattern = keyof typeof PATTERNS

/** What organic-express-routes looks for. Declarations and tests may stand beside the routes. */
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
  /** Relative to the working directory, for messages. */
  name: string
  /** The URL's segments, `:id` for a file or folder called `_id`. Empty for the folder's own `index`. */
  segments: string[]
}

/**
 * The route files of a folder in the order in which they are to be mounted: a URL before those below it, and static
 * ones before those with parameters. Only files that match `pattern`.
 *
 * @throws {DnaError} for a missing folder, for names that would mount at another URL or not at all, and if `pattern` leaves
 * out a file that may guard another
 */
export function findRouteFiles(folder: string, pattern: RoutePattern): RouteFile[] {
  checkFolder(folder, 'path')
  const files = listFiles(folder, []).sort((a, b) => compareSegments(a.segments, b.segments))
  files.forEach((file, index) => {
    const before = files[index - 1]
    if (before && shapeOf(before.segments) === shapeOf(file.segments)) {
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

/**
 * Loads the modules in a folder of helpers, as organic-express-routes will: what fails there, nobody can catch.
 *
 * @throws {DnaError} for a missing folder, or a module that does not load
 */
export function checkHelpers(folder: string): void {
  checkFolder(folder, 'helpers')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    ROUTE_FILE.test(name),
  )) {
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- which modules there are, only the folder knows
      require(join(folder, name))
    } catch (cause) {
      throw new DnaError('helpers', `${name} does not load: ${messageOf(cause)}`, { cause })
    }
  }
}

function checkFolder(folder: string, key: string): void {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DnaError(key, `there is no folder ${relative('', folder)}`)
  }
}

function listFiles(folder: string, segments: string[]): RouteFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): RouteFile[] => {
    const file = join(folder, entry.name)
    const name = relative('', file)
    if (entry.name.startsWith('.')) return []
    if (entry.isSymbolicLink()) throw new DnaError('path', `${name} is a symbolic link, put the file itself there`)
    if (entry.isDirectory()) {
      if (ROUTE_FILE.test(entry.name)) throw refused(name, entry.name, entry.name.replace('.', '-'))
      return listFiles(file, [...segments, segmentOf(entry.name, name)])
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
    `${name}: "${base}" would be mounted under another URL than it says, write ${instead} instead`,
  )
}

function compareSegments(a: string[], b: string[]): number {
  for (const [index, segment] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (segment.startsWith(':') !== other.startsWith(':')) return segment.startsWith(':') ? 1 : -1
    const order = segment.toLowerCase() < other.toLowerCase() ? -1 : segment.toLowerCase() > other.toLowerCase() ? 1 : 0
    if (order !== 0 && !segment.startsWith(':')) return order
  }
  return a.length - b.length
}

/** What Express tells URLs apart by: neither the names of parameters nor capitals. */
export function shapeOf(segments: string[]): string {
  return `/${segments.join('/')}`
    .replace(/:\w+/g, ':')
    .replace(/(.)\/$/, '$1')
    .toLowerCase()
}
