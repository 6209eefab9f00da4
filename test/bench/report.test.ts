import { expect } from 'chai'
import { formatComparisons, formatResults } from '../../bench/report'
import { benchResults } from '../support/bench-results'

describe('the report of the benchmarks', () => {
  it('lists contenders from the fastest to the slowest, with ratios to the cell', () => {
    const { requests } = benchResults()
    const rows = formatResults(benchResults({ requests: [...requests].reverse() }), 'cell').split('\n')
    expect(rows.slice(0, 2)).to.deep.equal(['- Node of this test', '- machine of this test'])
    expect(rows.at(-2)).to.equal(
      '| express-session | memory | 2,000 (2,000–2,000) | 30.0 (30.0–30.0) | 0.50 (0.50–0.50) | 1.00 (0.75–1.25) | 1.00 (0.75–1.25) |',
    )
    expect(rows.at(-1)).to.match(/^\| \*\*cell\*\* .* \| 1 \| 1 \|$/)
  })

  it('has a table for each measurement that was made', () => {
    const report = formatResults(
      {
        setting: [],
        requests: [],
        logins: [{ logins: 57, raw: 60, quiet: 10, storm: 25 }],
        boots: [
          { name: 'hello', label: 'Express', times: [200] },
          { name: 'build', label: 'this cell', times: [500] },
        ],
        memory: [
          { name: 'express-session', label: 'Express', requests: 100_000, first: 100, second: 100 },
          { name: 'cell', label: 'this cell', requests: 100_000, first: 150, second: 165 },
        ],
      },
      'cell',
    )
    expect(report).not.to.contain('Guarded requests')
    expect(report).to.contain('| ratio | 0.95 (0.95–0.95) |')
    expect(report).to.contain('| ratio | 2.50 (2.50–2.50) |')
    expect(report).to.contain('| this cell | 500 (500–500) | 2.50 (2.50–2.50) |')
    expect(report).to.contain('| this cell | 150 | 165 | 1.50 | 1.10 |')
    expect(report).not.to.contain('NaN')
  })

  it('says which ratio has become worse', () => {
    const table = formatComparisons([
      { name: 'one', recorded: 1, measured: 0.8, holds: false },
      { name: 'other', recorded: 2, measured: 2, holds: true },
    ])
    expect(table).to.contain('| one | 1.00 | 0.80 | 0.80 | slower |')
    expect(table).to.contain('| other | 2.00 | 2.00 | 1.00 |  |')
  })
})
