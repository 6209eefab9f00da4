import { createRequire } from 'node:module'

createRequire(import.meta.url)('./test/support/stryker.cjs')

/** The folder whose code is mutated, by the tests that mirror it. `npm run test:mutation` sets it. */
const folder = process.env.FOLDER
if (!folder) throw new Error('FOLDER is not set')
const name = folder.replaceAll('/', '-')

export default {
  testRunner: 'mocha',
  plugins: ['@stryker-mutator/mocha-runner'],
  testRunnerNodeArgs: ['--disable-warning=ExperimentalWarning', '--require', './test/support/stryker.cjs'],
  mochaOptions: { spec: [`test/${folder}/**/*.test.ts`], extension: ['ts'] },
  mutate: [process.env.MUTATE ?? `${folder}/**/*.ts`],
  // Most strings are messages.
  mutator: { excludedMutations: ['StringLiteral'] },
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  disableBail: true,
  concurrency: 2,
  timeoutMS: 25_000,
  timeoutFactor: 4,
  maxTestRunnerReuse: 50,
  ignorePatterns: ['dist', 'coverage', 'reports', 'data', '.stryker-tmp'],
  tempDirName: `.stryker-tmp/${name}`,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { reportTests: false, reportMutants: false, logTests: false, allowColor: false },
  jsonReporter: { fileName: `reports/mutation/${name}.json` },
}
