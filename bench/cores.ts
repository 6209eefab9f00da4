import { execFileSync } from 'node:child_process'

/** Which cores the processes of a benchmark run on, as the beginnings of their commands. */
export interface Cores {
  server: string[]
  load: string[]
  /** For the report. */
  description: string
}

/** Gives the server one core, and the load another. Needs `taskset` and two cores. */
export function chooseCores(list = listCores()): Cores {
  const cores = parseCores(list ?? '')
  const [first, last] = [cores[0], cores.at(-1)]
  if (first === undefined || last === undefined || first === last) {
    const reason = list === undefined ? 'there is no taskset' : 'there is only one core'
    return { server: [], load: [], description: `server and load not pinned to cores: ${reason}` }
  }
  const pin = (core: number): string[] => ['taskset', '--cpu-list', String(core)]
  return { server: pin(last), load: pin(first), description: `server on core ${last}, load on core ${first}` }
}

/** The cores of a list, as in `0,2-5`. */
export function parseCores(list: string): number[] {
  return list
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = NaN, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

/** The cores that this process may use, as `taskset` lists them. */
function listCores(): string | undefined {
  try {
    const output = execFileSync('taskset', ['--cpu-list', '--pid', String(process.pid)], { stdio: 'pipe' }).toString()
    return /list: (\S+)/.exec(output)?.[1]
  } catch {
    return undefined
  }
}
