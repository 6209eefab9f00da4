import { expect } from 'chai'
import { LineLimit } from '../../../context/cell/line-limit'
import { until } from '../../support/until'

describe('a limit of lines', () => {
  const reports: unknown[] = []
  const report = (...facts: unknown[]): unknown => reports.push(facts)
  const hour = 3_600_000

  beforeEach(() => {
    reports.length = 0
  })

  it('admits so many lines of each key, and reports how many it left out', () => {
    const limit = new LineLimit<string>(2, hour, report)
    const admitted = ['a', 'a', 'a', 'b', 'a'].map((key) => limit.admit(key, `facts of ${key}`))
    expect(admitted).to.deep.equal([true, true, false, true, false])
    expect(reports).to.deep.equal([])
    limit.end()
    expect(reports).to.deep.equal([['facts of a', 2]])
  })

  it('begins a new window after a time, and reports at the end of each', async () => {
    const limit = new LineLimit<string>(1, 20, report)
    for (const round of [1, 2]) {
      expect([limit.admit('a', 'a'), limit.admit('a', 'a')]).to.deep.equal([true, false])
      await until(() => reports.length === round)
    }
    limit.end()
    expect(reports).to.deep.equal(Array(2).fill(['a', 1]))
  })

  it('keeps a bounded number of keys, and counts all others together, without facts', () => {
    const limit = new LineLimit<string>(1, hour, report)
    const admitted = Array.from({ length: 10_050 }, (_, key) => limit.admit(`key ${key}`, 'facts'))
    expect(admitted.filter(Boolean)).to.have.length(10_001)
    // Whoever has a count keeps it.
    expect(limit.admit('key 0', 'facts')).to.equal(false)
    limit.end()
    expect(reports).to.deep.equal([
      ['facts', 1],
      [undefined, 49],
    ])
  })
})
