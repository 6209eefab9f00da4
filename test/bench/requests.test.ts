import { expect } from 'chai'
import { addRounds } from '../../bench/requests'
import type { RequestResults } from '../../bench/results'

describe('the rounds of contenders that are started again', () => {
  it('are added to those of their first start', () => {
    const round = { perSecond: 1, median: 1, p99: 1, serverTime: 1, storeTime: 0 }
    const results = (...perSecond: number[]): RequestResults[] =>
      ['cell', 'express'].map((name, index) => ({
        ...{ name, label: name, storage: 'memory' },
        rounds: perSecond.map((each) => ({ ...round, perSecond: each + index })),
      }))
    const all: RequestResults[] = []
    addRounds(all, results(10, 20))
    addRounds(all, results(30).reverse())
    expect(all.map(({ name, rounds }) => [name, rounds.map(({ perSecond }) => perSecond)])).to.deep.equal([
      ['cell', [10, 20, 30]],
      ['express', [11, 21, 31]],
    ])
  })
})
