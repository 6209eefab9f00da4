'use strict'

// Lets a process of a test run TypeScript, as `tsx` does for `npm start` in twice the time: it looks at packages, too, and
// compiles each copy of a project anew. Here, what was compiled once is kept by its content.
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
  // Whole or not at all, whoever else is writing it.
  const own = `${kept}.${process.pid}`
  writeFileSync(own, code)
  renameSync(own, kept)
  return code
}
