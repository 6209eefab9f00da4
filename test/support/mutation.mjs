// npm run test:mutation [-- <folder>...]: mutation scores of folders, each by the tests that mirror it.
import { spawnSync } from 'node:child_process'

const FOLDERS = [
  'plasma/sessions',
  'plasma/express-sessions',
  'plasma/throttle',
  'plasma/express-routes',
  'context/owners',
]
const asked = process.argv.slice(2)

for (const folder of asked.length > 0 ? asked : FOLDERS) {
  const { status } = spawnSync('npx', ['stryker', 'run'], { stdio: 'inherit', env: { ...process.env, FOLDER: folder } })
  if (status !== 0) process.exitCode = 1
}
