import { expect } from 'chai'
import { measureCleaning } from '../../bench/cleaning'
import { Load } from '../../bench/load'
import { canCreate, Places } from '../../bench/places'

const EXPIRED = 100_000
/** The most by which the slowest request may exceed the median. */
const MOST = 10

describe('the clean-up of 100,000 expired sessions', function () {
  this.timeout(600_000)
  // What else runs on a machine can hold up a request, but hardly three times in a row.
  this.retries(2)
  let load: Load
  beforeEach(() => (load = new Load()))
  afterEach(() => {
    load.close()
  })

  for (const kind of ['SQLite', 'PostgreSQL'] as const) {
    it(`in ${kind} makes no guarded request ten times slower than the median (pending without ${kind})`, async function () {
      if (!canCreate(kind)) this.skip()
      const sizes = { live: 1000, expired: EXPIRED, clients: 1000, connections: 16 }
      const { quiet, during } = await measureCleaning(load, new Places(), kind, {
        ...sizes,
        warmUpSeconds: 10,
        quietSeconds: 10,
      })
      console.log(JSON.stringify({ kind, quiet, during }))
      expect(during.requests).to.be.above(1000)
      expect(during.slowest / during.median, 'the slowest, to the median').to.be.below(MOST)
      expect(during.median / quiet.median, 'the median, to that before').to.be.below(2)
    })
  }
})
