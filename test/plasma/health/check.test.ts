import { expect } from 'chai'
import { Check } from '../../../plasma/health/check'

/** So long that it never comes. */
const NEVER = 2 ** 30

describe('a check of a part of the cell', () => {
  it('is up if the part answers, and down if it rejects or throws', async () => {
    expect(await new Check(() => Promise.resolve(), NEVER).read()).to.have.property('state', 'up')
    expect(await new Check(() => Promise.reject(new Error('away')), NEVER).read()).to.have.property('state', 'down')
    const throws = (): never => {
      throw new Error('away')
    }
    expect(await new Check(throws, NEVER).read()).to.have.property('state', 'down')
  })

  it('asks once for all who want to know at the same time, and soon after', async () => {
    let asked = 0
    const check = new Check(() => (asked += 1), NEVER)
    await Promise.all([check.read(), check.read()])
    await check.read()
    expect(asked).to.equal(1)
  })

  it('does not ask again while it waits for an answer, however long ago that was', async () => {
    let asked = 0
    const check = new Check(() => {
      asked += 1
      return new Promise(() => undefined)
    }, 1)
    const { now } = performance
    try {
      for (let hour = 0; hour < 3; hour += 1) {
        performance.now = () => now.call(performance) + hour * 3_600_000
        expect(await check.read()).to.deep.equal({ state: 'down', ms: 1 })
      }
    } finally {
      performance.now = now
    }
    expect(asked).to.equal(1)
  })
})
