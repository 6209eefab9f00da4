import { setTimeout as wait } from 'node:timers/promises'
import { cpuTimeOf } from './cpu-time'
import type { Load } from './load'
import type { HashingOptions, LoadOptions } from './load-protocol'
import { quantileOf } from './statistics'

/** What one round of a load has shown. Times are in ms. */
export interface Round {
  perSecond: number
  median: number
  p99: number
  /** CPU time of the measured servers, per request. */
  serverTime: number
  /** CPU time of the stores' servers, per request. */
  storeTime: number
}

/** Which processes serve a load, and for how many seconds it is measured after a lead of some more. */
export interface RoundOptions {
  servers: number[]
  stores: number[]
  leadSeconds: number
  seconds: number
}

/** Runs a load for one round. */
export async function measureRound(
  load: Load,
  options: LoadOptions | HashingOptions,
  round: RoundOptions,
): Promise<Round> {
  load.start(options)
  await wait(round.leadSeconds * 1000)
  await load.lap()
  const before = [cpuTimeOf(round.servers), cpuTimeOf(round.stores)]
  await wait(round.seconds * 1000)
  const { latencies, seconds } = await load.lap()
  const [serverTime = 0, storeTime = 0] = [cpuTimeOf(round.servers), cpuTimeOf(round.stores)].map(
    (time, index) => (time - (before[index] ?? 0)) / latencies.length,
  )
  await load.stop()
  const [median, p99] = [quantileOf(latencies, 0.5), quantileOf(latencies, 0.99)]
  return { perSecond: latencies.length / seconds, median, p99, serverTime, storeTime }
}

/** Runs a load until what serves it is compiled and its caches are warm. */
export async function warmUp(load: Load, options: LoadOptions, seconds: number): Promise<void> {
  load.start(options)
  await wait(seconds * 1000)
  await load.lap()
  await load.stop()
}
