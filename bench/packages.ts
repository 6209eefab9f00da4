import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../test/support/project'

const CONTENDERS = join(__dirname, 'contenders')

/** Installs the packages of the contenders, unless they are there in their versions. No script of theirs runs. */
export function installPackages(report: (progress: string) => void): void {
  const { dependencies } = readPackage(CONTENDERS)
  const isInstalled = ([name, version]: [string, string]): boolean =>
    readPackage(join(CONTENDERS, 'node_modules', name)).version === version
  if (Object.entries(dependencies ?? {}).every(isInstalled)) return
  report('installing the packages of bench/contenders')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: CONTENDERS, stdio: 'inherit' })
}

/** As in `fastify 5.0.0`. Contenders that have no package of this name get the project's. */
export function describePackage(name: string): string {
  const [version = 'missing'] = [CONTENDERS, ROOT]
    .map((folder) => readPackage(join(folder, 'node_modules', name)).version)
    .filter((each) => each !== undefined)
  return `${name} ${version}`
}

/** What a package says about itself; nothing if it is not there. */
function readPackage(folder: string): { version?: string; dependencies?: Record<string, string> } {
  const file = join(folder, 'package.json')
  return JSON.parse(existsSync(file) ? readFileSync(file, 'utf8') : '{}') as object
}
