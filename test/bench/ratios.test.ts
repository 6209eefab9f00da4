import { expect } from 'chai'
import { compareRatios, compareRequests, ratiosOf } from '../../bench/ratios'
import { benchResults, requestResults } from '../support/bench-results'

describe('the ratios of the benchmarks', () => {
  it('compare contenders within each round', () => {
    const { perSecond, cpu } = compareRequests(
      requestResults('cell', [1000, 100, 4000]),
      requestResults('other', [2000, 200, 2000]),
    )
    expect(perSecond).to.deep.equal([0.5, 0.5, 2])
    // The CPU time of database servers counts.
    expect(cpu.map((ratio) => Number(ratio.toFixed(6)))).to.deep.equal([0.5, 0.5, 2])
  })

  it('are higher if the cell is better: requests, CPU, logins and boots', () => {
    const logins = [{ logins: 90, raw: 100, quiet: 10, storm: 20 }]
    const boots = [
      { name: 'hello', label: 'Express', times: [200, 300] },
      { name: 'build', label: 'cell', times: [400, 600] },
    ]
    expect(ratiosOf(benchResults({ logins, boots }), 'cell')).to.deep.equal({
      'requests/s, of this cell to express-session': 1,
      'CPU, of express-session to this cell': 1,
      'logins/s, of this cell to the raw hashes': 0.9,
      'boot, of Express to this cell (build)': 0.5,
    })
  })

  it('leave out what was not measured', () => {
    expect(ratiosOf({ setting: [], requests: [] }, 'cell')).to.deep.equal({})
    expect(ratiosOf({ setting: [], requests: [requestResults('express', [1])] }, 'cell')).to.deep.equal({})
  })
})

describe('the check of the benchmarks', () => {
  it('fails a ratio below 0.85 of the recorded one, and no other', () => {
    const compared = compareRatios({ slower: 1, same: 1, faster: 1 }, { slower: 0.849, same: 0.85, faster: 2 })
    expect(compared.map(({ name, holds }) => [name, holds])).to.deep.equal([
      ['slower', false],
      ['same', true],
      ['faster', true],
    ])
  })

  it('fails a ratio that is no number', () => {
    expect(compareRatios({ ratio: 1 }, { ratio: NaN })).to.deep.include({
      name: 'ratio',
      recorded: 1,
      measured: NaN,
      holds: false,
    })
  })

  it('compares what was both recorded and measured, and refuses if there is nothing', () => {
    expect(compareRatios({ both: 1, recorded: 1 }, { both: 1, measured: 1 })).to.have.length(1)
    expect(() => compareRatios({ recorded: 1 }, { measured: 1 })).to.throw('npm run bench -- --record')
  })
})
