'use strict'

const inCi = Boolean(process.env.CI)

module.exports = {
  require: ['./package/typescript.cjs', './test/support/hooks.ts'],
  reporter: './test/support/reporter.cjs',
  parallel: true,
  // More than there are cores: many tests wait for servers.
  jobs: 6,
  // Hangs end here; how fast something is, `npm run test:ratio` measures.
  timeout: 180_000,
  slow: 10_000,
  forbidOnly: inCi,
  forbidPending: inCi,
}
