'use strict'

// Runs this project's TypeScript: npm's scripts and the tests require it. Compiled files are cached by their content. `tsx`
// takes a third longer to boot the cell: it also looks at packages, and compiles each copy of a project again.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { basename, join, resolve } = require('node:path')

/** Whatever changes here may compile files to something else. */
const OWN = readFileSync(__filename)
const CACHE = resolve(__dirname, '../node_modules/.cache/typescript')

// Stack traces name the lines of the source.
process.setSourceMapsEnabled(true)
// Node 22 and later keep what V8 compiles, which makes coverage less precise.
if (!process.env.NODE_V8_COVERAGE) Module.enableCompileCache?.(join(CACHE, 'v8'))

Module._extensions['.ts'] = function (module, file) {
  module._compile(compiled(file), file)
}

/** Compiles everything before the tests run: otherwise each of mocha's processes would compile the same files. */
exports.mochaGlobalSetup = function () {
  const root = resolve(__dirname, '..')
  for (const folder of ['bench', 'context', 'package', 'plasma', 'routes', 'test'])
    for (const name of readdirSync(join(root, folder), { recursive: true }))
      // The packages of bench/contenders have sources too.
      if (/(?<!\.d)\.ts$/.test(name) && !name.includes('node_modules')) compiled(join(root, folder, name))
}

function compiled(file) {
  const source = readFileSync(file, 'utf8')
  const name = basename(file)
  const kept = join(CACHE, `${name}-${createHash('sha256').update(OWN).update(source).digest('hex')}.cjs`)
  return read(kept) ?? compile(source, name, kept)
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function compile(source, name, kept) {
  const { transformSync } = require('esbuild')
  const { code } = transformSync(source, {
    loader: 'ts',
    format: 'cjs',
    target: 'es2022',
    sourcemap: 'inline',
    sourcefile: name,
    sourcesContent: false,
    // As tsconfig.json says. Without `strict`, code would not run in strict mode.
    tsconfigRaw: { compilerOptions: { target: 'es2022', strict: true, esModuleInterop: true } },
    logLevel: 'silent',
  })
  keep(code, kept)
  return code
}

function keep(code, file) {
  // Renamed into place, because other processes may be writing the same file.
  const own = `${file}.${process.pid}`
  try {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(own, code)
    renameSync(own, file)
  } catch {
    // A folder that cannot be written, or a full disk: it is compiled again the next time.
  }
}
