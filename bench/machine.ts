import { execFileSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { formatNumber } from './statistics'

/** The machine, and the versions of what is measured, in lines for the top of a report. */
export function describeMachine(programs: readonly string[] = []): string {
  const [cpu] = cpus()
  const memory = formatNumber(totalmem() / 2 ** 30)
  const load = loadavg().map((each) => formatNumber(each, 1))
  return [
    `Node ${process.version} (V8 ${process.versions.v8}), ${type()} ${release()}`,
    `${cpus().length} cores of ${cpu?.model.trim() ?? 'unknown'}, ${memory} GiB; load average before: ${load.join(', ')}`,
    ...programs,
  ].join('\n')
}

/** What a program prints about its version. */
export function versionOf(program: string): string {
  return execFileSync(program, ['--version']).toString().trim()
}
