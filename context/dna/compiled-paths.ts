import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { CellDna } from './index'

/** The keys of an organelle's DNA that name code. */
const CODE_KEYS = ['source', 'ownerModelPath', 'initScript', 'path', 'helpers']

/**
 * Lets DNA that names TypeScript sources serve a compiled build: a path that the build has too leads into the build.
 * Everything else, packages and files added beside the build, stays what it is.
 *
 * @param codeRoot absolute path of the folder that holds the running code: the working directory, or its `dist`
 */
export function useCompiledPaths({ plasma }: CellDna, codeRoot: string): void {
  const build = relative(process.cwd(), codeRoot)
  if (build === '') return
  for (const dna of Object.values(plasma)) {
    if (typeof dna !== 'object') continue
    for (const key of CODE_KEYS) {
      const value = dna[key]
      if (typeof value !== 'string') continue
      const compiled = join(build, value.replace(/\.ts$/, ''))
      if (existsSync(`${compiled}.js`) || existsSync(compiled)) dna[key] = compiled
    }
  }
}
