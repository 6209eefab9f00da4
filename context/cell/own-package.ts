import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds the running code: this project's, or `dist` in a build. */
export const CODE_ROOT = join(__dirname, '../..')

/** The package that the running code is part of. */
export interface OwnPackage {
  name: string
  version: string
  /** Absolute path of the folder of its package.json. */
  folder: string
  /** Paths relative to {@link CODE_ROOT}, without extension, by the name of the export, as in `sessions`. */
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
  // In CommonJS, `exports` is taken.
  const { exports: exported, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const code = new Map<string, string>()
  for (const [key, target] of Object.entries(exported))
    if (typeof target === 'object')
      code.set(key.replace('./', ''), target.default.replace(/^\.\/dist\/|(\/index)?\.js$/g, ''))
  return { ...manifest, folder, code }
}
