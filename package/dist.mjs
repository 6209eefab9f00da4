// Empties `dist/` for a new build, and copies what tsc does not: what pages need besides code, and JavaScript.
import { cpSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'

process.chdir(resolve(import.meta.dirname, '..'))
rmSync('dist', { recursive: true, force: true })
cpSync('context/pages', 'dist/context/pages', { recursive: true, filter: (path) => !path.endsWith('.ts') })
cpSync('context/owners/hash-thread.cjs', 'dist/context/owners/hash-thread.cjs')
