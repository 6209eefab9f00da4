import { expect } from 'chai'
import { measureCleaning } from '../../bench/cleaning'
import { Load } from '../../bench/load'
import { canCreate, Backends } from '../../bench/backends'

const EXPIRED = 10_000
/** The most by which all requests but one in a thousand may exceed the median: what else runs on a machine holds up a few. */
const MOST = 10

describe('the clean-up of many expired sessions', function () {
  this.timeout(600_000)
  let load: Load
  beforeEach(() => (load = new Load()))
  afterEach(() => {
    load.close()
  })

  for (const kind of ['SQLite', 'PostgreSQL'] as const) {
    it(`in ${kind} leaves 99.9 % of guarded requests below ten medians (pending without ${kind})`, async function () {
      if (!canCreate(kind)) this.skip()
      const sizes = { live: 1000, expired: EXPIRED, clients: 1000, connections: 16 }
      const { quiet, during } = await measureCleaning(load, new Backends(), kind, {
        ...sizes,
        warmUpSeconds: 5,
        quietSeconds: 5,
      })
      console.log(JSON.stringify({ kind, quiet, during }))
      expect(during.requests).to.be.above(1000)
      expect(during.p999 / during.median, 'the slowest but one in a thousand, to the median').to.be.below(MOST)
      expect(during.median / quiet.median, 'the median, to that before').to.be.below(2)
    })
  }
})
