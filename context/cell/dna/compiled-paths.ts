import { existsSync } from 'node:fs'
import { isAbsolute, join, relative, sep } from 'node:path'
import { readOwnPackage, type OwnPackage } from '../own-package'
import { DnaError } from './error'
import type { CellDna } from './index'
import { didYouMean } from './wording'

/** The keys of an organelle's DNA that name code. */
const CODE_KEYS = ['source', 'ownerModelPath', 'initScript', 'path', 'helpers']
/** The key that names several folders of code, each by a name. */
const FOLDERS_KEY = 'migrations'
const OWN_NAME = 'organic-sessions-cell/'

/**
 * Lets DNA name code by its path in the sources, wherever the running code is. A name as in `organic-sessions-cell/sessions`
 * is changed to lead to what the package exports as that. In a compiled build (`dist/` in the root), a path that also exists
 * in the build is changed to lead there. If the running code is outside the root, a path that the root lacks is changed to
 * lead to that code, unless it is an installed package. Everything else stays unchanged.
 *
 * @param root absolute path of the folder that paths in DNA are relative to
 * @param codeRoot absolute path of the folder that holds the running code
 * @returns an error for each name that the package does not export
 */
export function useCompiledPaths({ plasma }: CellDna, root: string, codeRoot: string): DnaError[] {
  const build = relative(root, codeRoot)
  const isInstalled = codeRoot.split(sep).includes('node_modules')
  const isOutside = build.startsWith('..') || isAbsolute(build)
  const errors: DnaError[] = []
  let own: OwnPackage | undefined
  for (const [name, dna] of Object.entries(plasma) as [string, unknown][]) {
    const resolveKey = (key: string, value: string): string => {
      if (value.startsWith(OWN_NAME)) return resolveOwn([name, key], value.slice(OWN_NAME.length)) ?? value
      return resolveCompiledPath(value)
    }
    if (typeof dna === 'string') plasma[name] = resolveKey('source', dna)
    if (typeof dna !== 'object' || dna === null) continue
    for (const [key, value] of Object.entries(dna) as [string, unknown][]) {
      if (CODE_KEYS.includes(key) && typeof value === 'string') Object.assign(dna, { [key]: resolveKey(key, value) })
      if (key === FOLDERS_KEY && typeof value === 'object' && value !== null)
        for (const [folder, path] of Object.entries(value) as [string, unknown][])
          if (typeof path === 'string') Object.assign(value, { [folder]: resolveCompiledPath(path) })
    }
  }
  return errors

  function resolveOwn([name = '', key = '']: string[], exported: string): string | undefined {
    own ??= readOwnPackage()
    const code = own.code.get(exported)
    if (code !== undefined) return join(codeRoot, code)
    const fault = `organic-sessions-cell exports no "${exported}"${didYouMean(exported, own.code.keys())}`
    errors.push(DnaError.at(['plasma', name, key], fault))
    return undefined
  }

  function resolveCompiledPath(path: string): string {
    if (build === '' || isInstalled || isAbsolute(path) || (isOutside && exists(join(root, path)))) return path
    const inCode = join(build, path)
    if (isOutside) return exists(join(root, inCode)) ? inCode : path
    const inBuild = inCode.replace(/\.ts$/, '')
    return exists(join(root, inBuild)) ? inBuild : path
  }
}

/** Whether there is such a folder or module, written with or without its extension. */
function exists(path: string): boolean {
  return ['', '.js', '.ts'].some((extension) => existsSync(path + extension))
}
