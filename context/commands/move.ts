import { runMove } from './move-command'

void runMove(process.argv.slice(2), process, process.cwd()).then((code) => {
  process.exitCode = code
})
