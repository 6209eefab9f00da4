import { cpSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, join, relative, resolve } from 'node:path'
import { readOwnPackage } from '../cell/own-package'

/** The example that every new cell begins as. */
const EXAMPLE = 'examples/cell'
/** What a cell gets of it: running and installing the example may have left more in its folder. */
const PARTS = ['README.md', 'cell.js', 'dna', 'package.json', 'routes', 'test']
/** npm does not pack such a file. */
const IGNORED = 'node_modules/\ndata/\n'

/** The fields of a new cell's package.json that are filled in. */
interface Manifest {
  name: string
  dependencies: Record<string, string>
}

/**
 * Creates a cell: DNA, a route, a page, a test, and a package.json that depends on this package.
 *
 * @param folder absolute path; its last part becomes the cell's name
 * @param tarball absolute path of the package, to be installed instead of the published one
 * @throws {Error} for a folder that is not empty, and for a name that npm would refuse
 */
export function createCell(folder: string, tarball?: string): void {
  const own = readOwnPackage()
  const name = basename(folder)
  checkName(name, own.name)
  checkEmpty(folder)
  if (tarball !== undefined && !existsSync(tarball)) throw new Error(`there is no package ${tarball}`)

  for (const part of PARTS) cpSync(join(own.folder, EXAMPLE, part), join(folder, part), { recursive: true })
  const file = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  manifest.name = name
  manifest.dependencies[own.name] = tarball === undefined ? own.version : `file:${relative(resolve(folder), tarball)}`
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`)
  writeFileSync(join(folder, '.gitignore'), IGNORED)
}

/** npm's rules, and what could not be installed or resolved. */
function checkName(name: string, own: string): void {
  const isName = /^[a-z0-9][a-z0-9._-]{0,213}$/.test(name) && !isBuiltin(name)
  if (!isName || ['node_modules', 'favicon.ico', own].includes(name))
    throw new Error(`"${name}" cannot be the name of a package: use lowercase letters, digits and - for the folder`)
}

function checkEmpty(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isDirectory()) throw new Error(`${folder} is a file`)
  if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`)
}
