import { readFileSync, readdirSync } from 'node:fs'

/** Milliseconds per tick of `/proc`: Linux counts in hundredths of a second, whatever its clock does. */
const TICK = 10

/** The CPU time of processes so far, with their children, in ms. Needs Linux. */
export function cpuTimeOf(pids: readonly number[]): number {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pids.includes(readStat(pid)?.parent ?? -1))
  // The time of children that have ended is their parent's.
  const ticks = [...pids, ...children].map((pid) => readStat(pid)?.ticks ?? 0)
  return ticks.reduce((sum, each) => sum + each, 0) * TICK
}

/** As in `man 5 proc_pid_stat`. */
function readStat(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may have spaces in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    return { parent: Number(fields[1]), ticks }
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}
