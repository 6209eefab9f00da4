import type { Contender } from './contenders'
import type { Load } from './load'
import type { LoadOptions } from './load-protocol'
import { measureRound, warmUp } from './measure'
import type { RequestResults } from './results'
import type { Server } from './server'

/** Seconds at the beginning of each slice that are not measured. */
const LEAD = 0.5

/** A contender that runs, with the load on it. */
export interface Running extends Contender {
  server: Server
  load: LoadOptions
}

/** How guarded requests are measured. */
export interface RequestOptions {
  rounds: number
  /** Of a contender's slice in each round. */
  seconds: number
  warmUpSeconds: number
  report: (progress: string) => void
}

/** Measures guarded requests in rounds in which contenders take turns: what else runs on a machine changes all the time. */
export async function measureRequests(
  load: Load,
  running: readonly Running[],
  { rounds, seconds, warmUpSeconds, report }: RequestOptions,
): Promise<RequestResults[]> {
  const results = running.map(({ name, label, storage }): RequestResults => ({ name, label, storage, rounds: [] }))
  for (const { load: loading, name } of running) {
    report(`warming up ${name}`)
    await warmUp(load, loading, warmUpSeconds)
  }
  for (let round = 0; round < rounds; round += 1) {
    report(`requests: round ${round + 1} of ${rounds}`)
    // Nobody always comes after the same one, which may still be collecting its garbage.
    for (const index of shuffle(running.map((_, index) => index))) {
      const { server, load: loading } = running[index] as Running
      const processes = { servers: [server.process.child.pid ?? 0], stores: server.stores }
      results[index]?.rounds.push(await measureRound(load, loading, { ...processes, leadSeconds: LEAD, seconds }))
    }
  }
  return results
}

/** Adds the rounds of contenders that were started again. */
export function addRounds(results: RequestResults[], more: readonly RequestResults[]): void {
  for (const result of more) {
    const known = results.find(({ name }) => name === result.name)
    if (known) known.rounds.push(...result.rounds)
    else results.push(result)
  }
}

/** As in Fisher and Yates. */
function shuffle(indexes: number[]): number[] {
  for (let last = indexes.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[indexes[last], indexes[other]] = [indexes[other] as number, indexes[last] as number]
  }
  return indexes
}
