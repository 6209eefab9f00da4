import { runOwners } from './owners-command'

void runOwners(process.argv.slice(2), process, process.cwd()).then((code) => {
  process.exitCode = code
})
