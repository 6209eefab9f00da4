// Writes what the packed package has besides the build: the project's own declarations, and `<organelle>.js` in its
// folder for organic-nucleus, which knows nothing of `exports`. `--clean` removes the latter.
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..')
/** Ambient declarations, and what a file says that needs them. */
const AMBIENT = { 'context/cell/organic.d.ts': /\bOrganic\b/, 'context/http/response.d.ts': /\bResponse\b/ }

const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const organelles = Object.entries(exports).filter(([, target]) => /^\.\/dist\/plasma\//.test(target.default))

if (process.argv.includes('--clean')) for (const [name] of organelles) rmSync(join(ROOT, `${name}.js`), { force: true })
else {
  for (const [name, target] of organelles)
    writeFileSync(join(ROOT, `${name}.js`), `'use strict'\nmodule.exports = require('${target.default}')\n`)
  for (const [path, needed] of Object.entries(AMBIENT)) addDeclarations(path, needed)
}

/** Copies ambient declarations to the build, and refers to them in each file that needs them: tsc does neither. */
function addDeclarations(path, needed) {
  const dist = join(ROOT, 'dist')
  for (const name of readdirSync(dist, { recursive: true }).filter((each) => each.endsWith('.d.ts'))) {
    const text = readFileSync(join(dist, name), 'utf8')
    const way = relative(dirname(name), path).split(sep).join('/')
    if (needed.test(text)) writeFileSync(join(dist, name), `/// <reference path="${way}" />\n${text}`)
  }
  copyFileSync(join(ROOT, path), join(dist, path))
}
