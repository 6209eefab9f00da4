import { expect } from 'chai'
import { parseOptions } from '../../bench/options'

describe('the options of npm run bench', () => {
  it('default to twelve rounds of two seconds of everything, after 15 seconds of warm-up', () => {
    const options = parseOptions([])
    expect(options).to.include({
      starts: 1,
      rounds: 12,
      seconds: 2,
      warmUpSeconds: 15,
      requests: 100_000,
      check: false,
    })
    expect(options.only).to.deep.equal([])
  })

  it('name contenders', () => {
    expect(parseOptions(['--only', 'cell,express']).only).to.deep.equal(['cell', 'express'])
  })

  it('are fewer and shorter for a check, unless they are given', () => {
    expect(parseOptions(['--check']).only).to.include('cell')
    expect(parseOptions(['--check']).rounds).to.be.below(12)
    expect(parseOptions(['--check']).starts).to.be.above(1)
    expect(parseOptions(['--check', '--rounds', '20']).rounds).to.equal(20)
  })

  for (const wrong of [['--rounds', '0'], ['--rounds', ''], ['--seconds', 'two'], ['--warm-up=-1'], ['--round', '3']]) {
    it(`refuse ${wrong.join(' ')}`, () => {
      expect(() => parseOptions(wrong)).to.throw(wrong[0]?.split('=')[0] ?? '')
    })
  }
})
