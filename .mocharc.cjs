'use strict'

const inCi = Boolean(process.env.CI)

module.exports = {
  require: ['tsx/cjs', './test/support/hooks.ts'],
  reporter: './test/support/reporter.cjs',
  parallel: true,
  jobs: 3,
  timeout: 20_000,
  slow: 2_000,
  forbidOnly: inCi,
  forbidPending: inCi,
}
