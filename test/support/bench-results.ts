import type { Round } from '../../bench/measure'
import type { RequestResults, Results } from '../../bench/results'

/** What a contender of this name would have shown, by its requests per second in each round. */
export function requestResults(name: string, rates: number[], storage = 'memory'): RequestResults {
  const round = (perSecond: number): Round => {
    return { perSecond, median: 10, p99: 30, serverTime: 900 / perSecond, storeTime: 100 / perSecond }
  }
  return { name, label: name, storage, rounds: rates.map(round) }
}

/** Results of a run, of a cell and one other contender. */
export function benchResults(changes: Partial<Results> = {}): Results {
  const requests = [requestResults('cell', [1000, 2000, 3000]), requestResults('express-session', [2000, 2000, 2000])]
  return { setting: ['Node of this test', 'machine of this test'], requests, ...changes }
}
