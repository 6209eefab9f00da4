'use strict'

// What Stryker's mocha runner lacks. Loaded by `stryker.config.mjs` into its processes.
const Module = require('node:module')

// It requires files of mocha 11 without their extension. In mocha 12 that is .cjs.
Module._extensions['.cjs'] ??= Module._extensions['.js']

const { Runner } = require('mocha')

/** Timeout of a test, in ms. Stryker sets none, and would not say which test hangs. */
const TIMEOUT = 10_000
/** Stops after so many failures in more than one file: no test kills this mutant alone. */
const FAILURES = 10
/** Stops after so many tests that hang. */
const HANGS = 2

const { run } = Runner.prototype
Runner.prototype.run = function (...values) {
  const stryker = globalThis.__stryker__
  const suites = new Map()
  const files = new Set()
  let failures = 0
  let hangs = 0
  // Otherwise tests whose hooks fail would neither run nor fail.
  this._opts.failHookAffectedTests = true
  this.on('hook', (hook) => {
    if (!stryker || !hook.title.startsWith('"before all"') || hook.parent.root) return
    // Otherwise what a hook covers would count for the previous test, or for none.
    stryker.currentTestId = `before all: ${hook.parent.fullTitle()}`
    suites.set(stryker.currentTestId, hook.parent)
  })
  this.on('test', (test) => test.timeout(TIMEOUT))
  this.on('fail', (test, error) => {
    failures += 1
    files.add(test.file)
    if (error?.code === 'ERR_MOCHA_TIMEOUT') hangs += 1
    if ((failures >= FAILURES && files.size > 1) || hangs >= HANGS) this.abort()
  })
  this.on('end', () => {
    const perTest = stryker?.mutantCoverage?.perTest
    if (!perTest) return
    for (const [id, suite] of suites) {
      const covered = perTest[id]
      delete perTest[id]
      if (!covered) continue
      suite.eachTest((test) => {
        const own = (perTest[test.fullTitle()] ??= {})
        for (const [mutant, hits] of Object.entries(covered)) own[mutant] = (own[mutant] ?? 0) + hits
      })
    }
  })
  return run.apply(this, values)
}
