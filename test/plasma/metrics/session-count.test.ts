import { expect } from 'chai'
import { SessionCount } from '../../../plasma/metrics/session-count'

/** Lets a count settle. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the count of sessions', () => {
  const { now } = performance
  let ahead = 0
  beforeEach(() => {
    ahead = 0
    performance.now = () => now.call(performance) + ahead
  })
  afterEach(() => {
    performance.now = now
  })

  it('is made in the background, once a minute however often it is read', async () => {
    let counted = 0
    const count = new SessionCount({ count: () => Promise.resolve((counted += 1)) })
    expect(count.read()).to.equal(undefined)
    await settle()
    expect([count.read(), count.read()]).to.deep.equal([1, 1])
    ahead += 61_000
    count.read()
    await settle()
    expect([count.read(), counted]).to.deep.equal([2, 2])
  })

  it('takes at most a hundredth of the time', async () => {
    let counted = 0
    const count = new SessionCount({
      count() {
        ahead += 10_000
        return Promise.resolve((counted += 1))
      },
    })
    count.read()
    await settle()
    ahead += 990_000
    count.read()
    expect(counted).to.equal(1)
    ahead += 20_000
    count.read()
    expect(counted).to.equal(2)
  })

  it('is unknown, not zero, while the store fails', async () => {
    const count = new SessionCount({ count: () => Promise.reject(new Error('away')) })
    count.read()
    await settle()
    expect(count.read()).to.equal(undefined)
  })
})
