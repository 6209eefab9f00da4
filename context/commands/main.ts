import { runOwners } from './program'

void runOwners(process.argv.slice(2), process).then((code) => {
  process.exitCode = code
})
