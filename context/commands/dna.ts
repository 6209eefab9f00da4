import { runDna } from './dna-command'

void runDna(process.argv.slice(2), process, process.cwd()).then((code) => {
  process.exitCode = code
})
