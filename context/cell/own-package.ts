import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from './thrown'

/** The folder that the running code is in: this project's, or `dist` in a build. */
const CODE_ROOT = join(__dirname, '../..')

/** What the running code is a part of. */
export interface OwnPackage {
  name: string
  version: string
  /** Absolute path of the folder of its package.json. */
  folder: string
  /** Paths relative to the folder of the running code, without extension, by what follows the package's name. */
  code: Map<string, string>
  optionalDependencies: Record<string, string>
}

/** The fields of package.json that are read here. */
interface Manifest extends Pick<OwnPackage, 'name' | 'version' | 'optionalDependencies'> {
  exports: Record<string, { default: string } | string>
}

/** Reads the package.json of this project, or of the package that it was installed as. */
export function readOwnPackage(): OwnPackage {
  const folder = [CODE_ROOT, dirname(CODE_ROOT)].find((each) => existsSync(join(each, 'package.json')))
  if (folder === undefined) throw new Error(`there is no package.json beside ${CODE_ROOT}`)
  const { exports, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const code = new Map<string, string>()
  for (const [key, target] of Object.entries(exports))
    if (typeof target === 'object')
      code.set(key.replace('./', ''), target.default.replace(/^\.\/dist\/|(\/index)?\.js$/g, ''))
  return { ...manifest, folder, code }
}

/**
 * Loads code, some of whose packages may not be installed: who uses a single organelle leaves out optional ones.
 *
 * @throws {Error} that names a missing package and says how it comes to be missing
 */
export function loadWithPackages<T>(load: () => T): T {
  try {
    return load()
  } catch (error) {
    const name = /^Cannot find (?:module|package) '((?:@[^/']+\/)?[^./'][^/']*)/.exec(messageOf(error))?.[1]
    if (name === undefined || !Object.hasOwn(readOwnPackage().optionalDependencies, name)) throw error
    const reason = 'npm leaves it out with --omit=optional, and if it fails to install it'
    throw new Error(`the package ${name} is not installed: ${reason}`, { cause: error })
  }
}
