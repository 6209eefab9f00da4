'use strict'

const { writeFileSync } = require('node:fs')
const { reporters } = require('mocha')

/** Mocha's own `spec`, that also writes its figures as JSON to the file in `MOCHA_STATS`. */
module.exports = class Reporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    runner.once('end', () => {
      if (process.env.MOCHA_STATS) writeFileSync(process.env.MOCHA_STATS, JSON.stringify(this.stats))
    })
  }
}
