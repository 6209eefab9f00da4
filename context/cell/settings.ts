import { z } from 'zod'
import { logSettings } from './log'

const seconds = z
  .number('expected seconds')
  .positive('expected more than 0 seconds')
  .max(86_400, 'expected a day (86400) at most')

/** The schema of `dna/cell.json`. */
export const cellSettings = z.strictObject({
  /** How long the boot may take. */
  bootSeconds: seconds.default(60),
  /** How long the shutdown may take before the process is killed. */
  stopSeconds: seconds.default(10),
  /** How long the cell serves on before it stops, and says that it is not ready, so that a balancer takes it out first. */
  drainSeconds: z.number('expected seconds').min(0).max(3600, 'expected an hour (3600) at most').default(0),
  /** Chemicals that routes or organelles emit besides their `emitReady`. `reactOn` may name them. */
  events: z.array(z.string().min(1)).default([]),
  /** What is written to stdout and stderr. */
  log: logSettings.prefault({}),
})

/** DNA of the cell itself, `dna/cell.json`. */
export type CellSettings = z.output<typeof cellSettings>
