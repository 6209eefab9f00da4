import { z } from 'zod'
import { logSettings } from './log'

const seconds = z
  .number('expected seconds')
  .positive('expected more than 0 seconds')
  .max(86_400, 'expected a day (86400) at most')

/** The schema of `dna/cell.json`. */
export const cellSettings = z.strictObject({
  bootSeconds: seconds.default(60).describe('How long the boot may take, in seconds.'),
  stopSeconds: seconds.default(10).describe('How long the shutdown may take before the process is killed, in seconds.'),
  drainSeconds: z
    .number('expected seconds')
    .min(0)
    .max(3600, 'expected an hour (3600) at most')
    .default(0)
    .describe(
      'For how many seconds the cell goes on serving after SIGTERM, while /health/ready is 503, so that a balancer takes it out before it stops. A supervisor must wait longer than drainSeconds + stopSeconds.',
    ),
  events: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Chemicals that your own routes or organelles emit besides their emitReady, so that reactOn may name them.',
    ),
  log: logSettings.prefault({}).describe('What is written to stdout and stderr.'),
})

/** DNA of the cell itself, `dna/cell.json`. */
export type CellSettings = z.output<typeof cellSettings>
