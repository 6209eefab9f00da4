import type { Round } from './measure'
import type { BootResults, RequestResults, Results } from './results'
import { quantileOf } from './statistics'

/** Ratios of one run by name, each a median over its rounds. The higher, the better for the cell. */
export type Ratios = Record<string, number>

/** A ratio beside the recorded one. */
export interface Comparison {
  name: string
  recorded: number
  measured: number
  /** Whether it is not below {@link LEAST} of the recorded one. */
  holds: boolean
}

/** The share of a recorded ratio below which the cell has become slower. */
export const LEAST = 0.85

/** What the requests of a base cost in each round, as a ratio to those of another: more than 1 if the base is better. */
export interface RoundRatios {
  perSecond: number[]
  /** Of CPU time per request, of the servers and of their databases. */
  cpu: number[]
}

/** Compares two contenders round by round. */
export function compareRequests(base: RequestResults, other: RequestResults): RoundRatios {
  const pairs = base.rounds.map((round, index) => [round, other.rounds[index] as Round] as const)
  return {
    perSecond: pairs.map(([own, its]) => own.perSecond / its.perSecond),
    cpu: pairs.map(([own, its]) => cpuTimeOf(its) / cpuTimeOf(own)),
  }
}

/** Compares boots round by round: the time of the base to that of another. */
export function compareBoots(base: BootResults, other: BootResults): number[] {
  return base.times.map((time, index) => time / (other.times[index] ?? NaN))
}

/** CPU time of a request, wherever it is spent, in ms. */
export function cpuTimeOf({ serverTime, storeTime }: Round): number {
  return serverTime + storeTime
}

/** All ratios of a run. @param base the contender that is compared with the others */
export function ratiosOf({ requests, logins = [], boots = [] }: Results, base: string): Ratios {
  const ratios: Ratios = {}
  const own = requests.find(({ name }) => name === base)
  for (const other of own ? requests : []) {
    if (!own || other === own) continue
    const { perSecond, cpu } = compareRequests(own, other)
    ratios[`requests/s, of this cell to ${other.name}`] = quantileOf(perSecond, 0.5)
    ratios[`CPU, of ${other.name} to this cell`] = quantileOf(cpu, 0.5)
  }
  if (logins.length > 0)
    ratios['logins/s, of this cell to the raw hashes'] = quantileOf(
      logins.map((round) => round.logins / round.raw),
      0.5,
    )
  const [hello, ...cells] = boots
  for (const cell of hello ? cells : []) {
    if (hello) ratios[`boot, of Express to this cell (${cell.name})`] = quantileOf(compareBoots(hello, cell), 0.5)
  }
  return ratios
}

/**
 * Compares the ratios that were measured with those that were recorded. Of either, what the other lacks is left out.
 *
 * @throws {Error} if there is nothing to compare
 */
export function compareRatios(recorded: Ratios, measured: Ratios): Comparison[] {
  const comparisons = Object.entries(measured).flatMap(([name, ratio]) => {
    const before = recorded[name]
    // A ratio that is no number holds nothing.
    return before === undefined ? [] : [{ name, recorded: before, measured: ratio, holds: ratio >= before * LEAST }]
  })
  if (comparisons.length === 0) throw new Error('none of these ratios is recorded: npm run bench -- --record')
  return comparisons
}
