import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../test/support/project'

const CONTENDERS = join(__dirname, 'contenders')

/** Installs the packages of the contenders, unless they are there. No script of theirs runs. */
export function installPackages(report: (progress: string) => void): void {
  if (existsSync(join(CONTENDERS, 'node_modules'))) return
  report('installing the packages of bench/contenders')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: CONTENDERS, stdio: 'inherit' })
}

/** As in `fastify 5.0.0`. Contenders that have no package of this name get the project's. */
export function describePackage(name: string): string {
  const files = [CONTENDERS, ROOT].map((folder) => join(folder, 'node_modules', name, 'package.json'))
  const file = files.find((each) => existsSync(each))
  const { version } = JSON.parse(file ? readFileSync(file, 'utf8') : '{}') as { version?: string }
  return `${name} ${version ?? 'missing'}`
}
