'use strict'

const { writeFileSync } = require('node:fs')
const { reporters } = require('mocha')

/** Mocha's own `spec`, that also writes its figures, and what failed, as JSON to the file in `MOCHA_STATS`. */
module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      if (!process.env.MOCHA_STATS) return
      const failed = this.failures.map((test) => `${test.fullTitle()}: ${test.err?.message}`)
      writeFileSync(process.env.MOCHA_STATS, JSON.stringify({ ...this.stats, failed }))
    })
  }
}
