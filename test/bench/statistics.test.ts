import { expect } from 'chai'
import { formatQuartiles, formatTable, quantileOf, quartilesOf } from '../../bench/statistics'

describe('the statistics of the benchmarks', () => {
  it('interpolate quantiles between two figures, in whatever order they come', () => {
    expect(quantileOf([40, 10, 20, 30], 0.5)).to.equal(25)
    expect(quantileOf([40, 10, 20, 30], 0)).to.equal(10)
    expect(quantileOf([40, 10, 20, 30], 1)).to.equal(40)
    expect(quartilesOf([5, 1, 2, 3, 4])).to.deep.equal({ first: 2, median: 3, third: 4 })
  })

  it('have no quantile of nothing', () => {
    expect(quantileOf([], 0.5)).to.be.NaN
  })

  it('print a median with its quartiles, and tables in Markdown', () => {
    expect(formatQuartiles([1000, 2000, 3000], 0)).to.equal('2,000 (1,500–2,500)')
    expect(formatTable(['', 'ms'], [['cell', '1']])).to.equal('|  | ms |\n| --- | ---: |\n| cell | 1 |')
  })
})
