import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { copyProject } from '../test/support/project'

/** Starts the build, in a folder that has it and DNA. */
export const START_BUILD = [process.execPath, '--disable-warning=ExperimentalWarning', 'dist/cell.js']
/** Starts the sources, in a copy of the project. */
export const START_SOURCES = ['npm', 'start']

/** Gives the folder of a copy of the project that has been built. Builds it when it is first called. */
export type CellBuild = () => string

/** Makes a {@link CellBuild}. */
export function createCellBuild(): CellBuild {
  let folder: string | undefined
  return () => (folder ??= buildCell())
}

function buildCell(): string {
  const folder = copyProject()
  // Without type checking, which `npm test` does.
  execFileSync('npm', ['run', 'build', '--silent', '--', '--noCheck', '--noResolve'], { cwd: folder, stdio: 'pipe' })
  return folder
}

/** Copies the build from one folder to another, which has DNA. */
export function copyBuild(from: string, to: string): void {
  cpSync(join(from, 'dist'), join(to, 'dist'), { recursive: true })
}
