import { readOwnPackage } from './own-package'
import { messageOf } from './thrown'

/**
 * Loads code that may need optional packages, which whoever takes a single organelle leaves out.
 *
 * @throws {Error} that names the missing package and says why npm may have left it out
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
