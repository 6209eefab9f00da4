import { DnaError, messageOf } from '../../context/cell'
import type { RouteFile } from './route-files'

type Builder = (plasma: Organic.Plasma, dna: Organic.Dna, helpers: Record<string, unknown>) => unknown

/**
 * Puts a function of our own in the place of what each route file exports, for as long as organic-express-routes loads
 * them: it loads by `require`, and there is no other place where a file's routes could be checked first.
 *
 * @param plasma that the files get
 * @param dna that the files get
 * @param built called instead, with the file and what builds its routes; returns the routes to mount
 * @returns puts the files' own exports back
 * @throws {DnaError} for a file that does not load, or exports no function
 */
export function substituteModules(
  files: RouteFile[],
  plasma: Organic.Plasma,
  dna: Organic.Dna,
  built: (file: RouteFile, build: () => unknown) => object,
): () => void {
  const originals = files.map((file) => {
    const module = load(file)
    return { file, module, builder: builderOf(file, module.exports) }
  })
  for (const { file, module, builder } of originals) {
    const substitute: Builder = (_plasma, _dna, helpers) => built(file, () => builder(plasma, dna, helpers))
    module.exports = substitute
  }
  return () => {
    for (const { module, builder } of originals) module.exports = builder
  }
}

function load({ file, name }: RouteFile): NodeJS.Module {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- as organic-express-routes does
    require(file)
  } catch (cause) {
    throw new DnaError('path', `${name} does not load: ${messageOf(cause)}`, { cause })
  }
  const module = require.cache[file]
  if (!module) throw new DnaError('path', `${name} is not a CommonJS module`)
  return module
}

function builderOf({ name }: RouteFile, exported: unknown): Builder {
  if (typeof exported === 'function') return exported as Builder
  throw new DnaError('path', `${name} does not export a function: write export = function (plasma, dna, helpers) { … }`)
}
