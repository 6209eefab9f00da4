import { z } from 'zod'

/** How important a line is. */
const LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type Level = (typeof LEVELS)[number]

/** The schema of `log` in `dna/cell.json`. */
export const logSettings = z.strictObject({
  level: z
    .enum(LEVELS)
    .default('info')
    .describe('Less important lines are not written. The audit log writes all of its own.'),
  format: z
    .enum(['text', 'json', 'auto'])
    .default('text')
    .describe('Lines of JSON, or for people. auto: for people if the output is a terminal.'),
})

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The cell's log. Stored. */
      Log: { data: Log }
    }
  }
}

/** What a cell says: its own messages, and errors. Information goes to stdout, warnings and errors go to stderr. */
export class Log {
  readonly format: 'text' | 'json'
  readonly level: Level

  constructor({ level, format }: z.output<typeof logSettings> = { level: 'info', format: 'text' }) {
    this.level = level
    this.format = format === 'auto' ? (process.stdout.isTTY ? 'text' : 'json') : format
  }

  /** Whether lines of this level are written. */
  isOn(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.level)
  }

  /** @param facts only in JSON */
  info(message: string, facts?: object): void {
    // By console, as organelles write that others have published.
    if (this.isOn('info')) console.log(this.#format('info', message, facts))
  }

  /** @param facts only in JSON */
  warn(message: string, facts?: object): void {
    if (this.isOn('warn')) console.error(this.#format('warn', message, facts))
  }

  /** @param facts only in JSON */
  error(message: string, facts?: object): void {
    console.error(this.#format('error', message, facts))
  }

  #format(level: Level, msg: string, facts?: object): string {
    return this.format === 'text' ? msg : JSON.stringify({ level, time: new Date().toISOString(), msg, ...facts })
  }
}

/** The log of the cell with this plasma. If the plasma is not a cell's, a new one. */
export function logOf(plasma: Organic.Plasma): Log {
  return plasma.get({ type: 'Log' })?.data ?? new Log()
}
