'use strict'

// Lets the child processes of tests run TypeScript. `tsx`, which `npm start` uses, takes twice as long: it also looks at
// packages, and compiles each copy of a project again. This caches compiled files by content.
const { createHash } = require('node:crypto')
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs')
const Module = require('node:module')
const { join, resolve } = require('node:path')

const CACHE = resolve(__dirname, '../../node_modules/.cache/cell-tests')

Module._extensions['.ts'] = function (module, file) {
  const source = readFileSync(file, 'utf8')
  const kept = join(CACHE, `${createHash('sha256').update(source).digest('hex')}.cjs`)
  module._compile(read(kept) ?? compile(source, kept), file)
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function compile(source, kept) {
  const { transpile, ModuleKind, ScriptTarget } = require('typescript')
  const code = transpile(source, { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022, esModuleInterop: true })
  mkdirSync(CACHE, { recursive: true })
  // Renamed into place, because other processes may be writing the same file.
  const own = `${kept}.${process.pid}`
  writeFileSync(own, code)
  renameSync(own, kept)
  return code
}
