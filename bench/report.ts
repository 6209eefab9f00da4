import type { Round } from './measure'
import { compareBoots, compareRequests, cpuTimeOf, type Comparison } from './ratios'
import type { BootResults, LoginRound, MemoryResults, RequestResults, Results } from './results'
import { formatNumber, formatQuartiles, formatTable, quantileOf } from './statistics'

/** The results in Markdown. @param base the contender that is compared with the others */
export function formatResults({ setting, requests, logins, boots, memory }: Results, base: string): string {
  const sections: (string | undefined)[] = [
    setting.map((line) => `- ${line}`).join('\n'),
    requests.length > 0 ? formatRequests(requests, base) : undefined,
    logins && formatLogins(logins),
    boots && formatBoots(boots),
    memory && formatMemory(memory),
  ]
  return sections.filter((section) => section !== undefined).join('\n\n')
}

/** The table of {@link compareRatios}. */
export function formatComparisons(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ name, recorded, measured, holds }) => [
    name,
    ...[recorded, measured, measured / recorded].map((ratio) => formatNumber(ratio, 2)),
    holds ? '' : 'slower',
  ])
  return formatTable(['', 'recorded', 'measured', 'share', ''], rows)
}

function formatRequests(requests: readonly RequestResults[], base: string): string {
  const own = requests.find(({ name }) => name === base) ?? requests[0]
  if (!own) return ''
  const head = [
    '',
    'sessions in',
    'requests/s',
    'p99, ms',
    'CPU, ms',
    `requests/s of ${own.label}, ratio`,
    'CPU, ratio',
  ]
  const rows = fastestFirst(requests).map((each) => {
    const column = (read: (round: Round) => number, digits: number): string =>
      formatQuartiles(each.rounds.map(read), digits)
    const { perSecond, cpu } = compareRequests(own, each)
    const isOwn = each === own
    return [
      each.name.startsWith('cell') ? `**${each.label}**` : each.label,
      each.storage,
      column((round) => round.perSecond, 0),
      column(({ p99 }) => p99, 1),
      column(cpuTimeOf, 2),
      isOwn ? '1' : formatQuartiles(perSecond, 2),
      isOwn ? '1' : formatQuartiles(cpu, 2),
    ]
  })
  return `### Guarded requests\n\n${formatTable(head, rows)}`
}

/** By their medians. */
export function fastestFirst(requests: readonly RequestResults[]): RequestResults[] {
  const medianOf = ({ rounds }: RequestResults): number =>
    quantileOf(
      rounds.map(({ perSecond }) => perSecond),
      0.5,
    )
  return [...requests].sort((one, other) => medianOf(other) - medianOf(one))
}

function formatLogins(rounds: readonly LoginRound[]): string {
  const column = (read: (round: LoginRound) => number, digits: number): string =>
    formatQuartiles(rounds.map(read), digits)
  const rows = [
    ['logins per second', column(({ logins }) => logins, 1)],
    ['the same hashes without the cell, per second', column(({ raw }) => raw, 1)],
    ['ratio', column(({ logins, raw }) => logins / raw, 2)],
    ['p99 of guarded requests while nobody logs in, ms', column(({ quiet }) => quiet, 1)],
    ['p99 of guarded requests in a storm of logins, ms', column(({ storm }) => storm, 1)],
    ['ratio', column(({ quiet, storm }) => storm / quiet, 2)],
  ]
  return `### Logins\n\n${formatTable(['', ''], rows)}`
}

function formatBoots(boots: readonly BootResults[]): string {
  const [hello] = boots
  const rows = boots.map((each) => [
    each.label,
    formatQuartiles(each.times, 0),
    hello && each !== hello ? formatQuartiles(compareBoots(each, hello), 2) : '1',
  ])
  return `### Boot\n\n${formatTable(['', 'to the first answer, ms', 'ratio'], rows)}`
}

function formatMemory(memory: readonly MemoryResults[]): string {
  const [first] = memory
  const count = formatNumber(first?.requests ?? 0)
  const base = memory.find(({ name }) => name === 'express-session') ?? first
  const rows = memory.map((each) => [
    each.label,
    ...[each.first, each.second].map((size) => formatNumber(size, 0)),
    formatNumber(each.first / (base?.first ?? NaN), 2),
    formatNumber(each.second / each.first, 2),
  ])
  const head = ['', `after ${count} requests, MiB`, 'after as many again, MiB', 'ratio', 'growth']
  return `### Resident size\n\n${formatTable(head, rows)}`
}
