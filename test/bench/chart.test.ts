import { expect } from 'chai'
import { drawChart } from '../../bench/chart'
import { requestResults } from '../support/bench-results'

describe('the chart of the benchmarks', () => {
  const chart = drawChart([requestResults('cell', [500, 1000, 1500]), requestResults('a < b', [4000], '"SQLite"')])

  it('draws the longest bar first, and bars as long as their medians', () => {
    const widths = [...chart.matchAll(/class="bar[^"]*" [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
    expect(widths).to.have.length(2)
    expect((widths[1] ?? NaN) / (widths[0] ?? NaN)).to.be.closeTo(0.25, 0.01)
  })

  it('escapes what it shows, and says it in words as well', () => {
    expect(chart).to.contain('a &lt; b, &quot;SQLite&quot;').and.not.to.contain('a < b')
    expect(chart).to.contain('cell, memory: 1,000</desc>')
  })

  it('has colors for light and for dark pages', () => {
    expect(chart).to.contain('prefers-color-scheme: dark')
  })
})
