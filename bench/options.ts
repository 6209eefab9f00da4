import { parseArgs } from 'node:util'

export const HELP = `npm run bench -- [options]: what this cell costs compared with the alternatives. Needs Linux.

  --only a,b            contenders, and of "logins", "boots" and "memory"; all of them by default
  --starts 1            how often each contender is started: one process may be faster than the next
  --rounds 12           of each start. Each contender has its turn in each round
  --seconds 2           of a turn
  --warm-up 15          seconds, of each contender
  --requests 100000     after so many, and as many again, the resident size is measured
  --json file           writes all figures
  --from file           reads them, and measures nothing
  --record              writes the ratios that bench:check compares, bench/recorded.json
  --write-docs          writes the tables and the picture of docs/performance.md
  --check               measures a few ratios, and fails if one is below 0.85 of the recorded one: npm run bench:check`

/** What is measured beside the contenders' requests, by its name in `--only`. */
export const MEASUREMENTS = ['logins', 'boots', 'memory']

/** Options of `npm run bench`. */
export interface Options {
  only: string[]
  starts: number
  rounds: number
  seconds: number
  warmUpSeconds: number
  requests: number
  json: string | undefined
  from: string | undefined
  record: boolean
  writeDocs: boolean
  check: boolean
  help: boolean
}

/** What `--check` measures: little enough to be done in 90 seconds. */
export const CHECK = {
  only: 'cell,express-session,passport-sqlite-normal,boots',
  starts: '3',
  rounds: '2',
  seconds: '1',
  'warm-up': '3.5',
}

const DEFAULTS = { only: '', starts: '1', rounds: '12', seconds: '2', 'warm-up': '15' }

/**
 * Reads the command line.
 *
 * @throws {Error} for an unknown option, or an invalid number
 */
export function parseOptions(args: string[]): Options {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values } = parseArgs({
    args,
    options: {
      ...{
        only: text,
        starts: text,
        rounds: text,
        seconds: text,
        'warm-up': text,
        requests: text,
        json: text,
        from: text,
      },
      ...{ record: flag, 'write-docs': flag, check: flag, help: flag },
    },
  })
  const { only, starts, rounds, seconds, 'warm-up': warmUp } = { ...(values.check ? CHECK : DEFAULTS), ...values }
  return {
    only: only.split(',').filter((name) => name !== ''),
    starts: parseNumber('starts', starts, 1),
    rounds: parseNumber('rounds', rounds, 1),
    seconds: parseNumber('seconds', seconds, 0.1),
    warmUpSeconds: parseNumber('warm-up', warmUp, 0),
    requests: parseNumber('requests', values.requests ?? '100000', 0),
    json: values.json,
    from: values.from,
    record: values.record,
    writeDocs: values['write-docs'],
    check: values.check,
    help: values.help,
  }
}

function parseNumber(name: string, text: string, least: number): number {
  const number = Number(text)
  if (text.trim() === '' || !(number >= least)) throw new Error(`--${name} must be a number of at least ${least}`)
  return number
}
