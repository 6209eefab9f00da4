'use strict'

// Runs this project's TypeScript: npm's scripts and the tests require it. It caches compiled files by their content. With
// `tsx`, the cell takes a third longer to boot: it also looks at packages, and compiles each copy of a project again.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { basename, join, resolve } = require('node:path')

/** Part of each cache key, because a change of this file may change what it compiles to. */
const COMPILER = readFileSync(__filename)
const CACHE = resolve(__dirname, '../node_modules/.cache/typescript')

// Stack traces name the lines of the source.
process.setSourceMapsEnabled(true)
// Node 22 and later keep what V8 compiles, which makes coverage less precise.
if (!process.env.NODE_V8_COVERAGE) Module.enableCompileCache?.(join(CACHE, 'v8'))

Module._extensions['.ts'] = function (module, file) {
  module._compile(compileOnce(file), file)
}

// As in the build, sources may be imported by the names that they will have.
const resolveFilename = Module._resolveFilename
Module._resolveFilename = function (request, ...rest) {
  try {
    return resolveFilename.call(this, request, ...rest)
  } catch (error) {
    if (!/^\.{0,2}[/\\].*\.js$/.test(request)) throw error
    try {
      return resolveFilename.call(this, request.replace(/js$/, 'ts'), ...rest)
    } catch {
      throw error
    }
  }
}

/** Compiles everything before the tests run: otherwise each of mocha's processes would compile the same files. */
exports.mochaGlobalSetup = function () {
  const root = resolve(__dirname, '..')
  for (const folder of ['bench', 'context', 'package', 'plasma', 'routes', 'test'])
    for (const name of readdirSync(join(root, folder), { recursive: true }))
      // The packages of bench/contenders have sources too.
      if (/(?<!\.d)\.ts$/.test(name) && !name.includes('node_modules')) compileOnce(join(root, folder, name))
}

function compileOnce(file) {
  const source = readFileSync(file, 'utf8')
  const name = basename(file)
  const cached = join(CACHE, `${name}-${createHash('sha256').update(COMPILER).update(source).digest('hex')}.cjs`)
  return read(cached) ?? compile(source, file, cached)
}

function read(file) {
  try {
    const code = readFileSync(file, 'utf8')
    // After a crash of the machine, a file may be there without all of its content.
    return /\n\/\/# sourceMappingURL=\S+\n$/.test(code) ? code : undefined
  } catch {
    return undefined
  }
}

function compile(source, file, cached) {
  const { transformSync } = require('esbuild')
  const name = basename(file)
  try {
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
    write(code, cached)
    return code
  } catch (error) {
    // Many files are called index.ts.
    for (const part of ['message', 'stack']) error[part] = error[part].replaceAll(`\n${name}:`, `\n${file}:`)
    throw error
  }
}

function write(code, file) {
  // Renamed into place, because other processes may be writing the same file.
  const temporary = `${file}.${process.pid}`
  try {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(temporary, code)
    renameSync(temporary, file)
  } catch {
    // The folder is read-only, or the disk is full. The file is compiled again next time.
  }
}
