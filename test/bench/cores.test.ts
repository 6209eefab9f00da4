import { expect } from 'chai'
import { chooseCores, parseCores } from '../../bench/cores'

describe('the cores of the benchmarks', () => {
  it('are read from a list as taskset prints it', () => {
    expect(parseCores('0,2-4,7')).to.deep.equal([0, 2, 3, 4, 7])
    expect(parseCores('')).to.deep.equal([])
  })

  it('are different ones for the server and the load', () => {
    const { server, load, description } = chooseCores('0-3')
    expect(server).to.deep.equal(['taskset', '--cpu-list', '3'])
    expect(load).to.deep.equal(['taskset', '--cpu-list', '0'])
    expect(description).to.equal('server on core 3, load on core 0')
  })

  it('are not chosen if there is only one, and the report says so', () => {
    expect(chooseCores('2')).to.deep.equal({
      server: [],
      load: [],
      description: 'server and load not pinned to cores: there is only one core',
    })
  })
})
