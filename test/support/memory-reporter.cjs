'use strict'

// Required by a process that runs with `--expose-gc`: on SIGUSR2 it collects all garbage and prints its memory.
process.on('SIGUSR2', () => {
  global.gc()
  process.stdout.write(`memory ${JSON.stringify(process.memoryUsage())}\n`)
})
