// Empties `dist/` for a new build, copies what tsc does not (what pages need besides code, and JavaScript), and bundles some
// packages.
import { buildSync } from 'esbuild'
import { cpSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'

/** Packages of hundreds of files. As one file each, they load in a third of the time. */
const BUNDLED = ['kysely', 'zod']

process.chdir(resolve(import.meta.dirname, '..'))
rmSync('dist', { recursive: true, force: true })
cpSync('context/pages', 'dist/context/pages', { recursive: true, filter: (path) => !path.endsWith('.ts') })
cpSync('context/owners/hash-thread.cjs', 'dist/context/owners/hash-thread.cjs')
for (const name of BUNDLED)
  buildSync({
    entryPoints: [name],
    outfile: `dist/node_modules/${name}/index.js`,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    logLevel: 'warning',
  })
