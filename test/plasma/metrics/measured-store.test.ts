import { expect } from 'chai'
import { measureStore } from '../../../plasma/metrics/measured-store'

type Done = (...values: unknown[]) => void

describe('a session store that is measured', () => {
  const observed: string[] = []
  beforeEach(() => void observed.splice(0))
  const measured = <T extends object>(store: T): T => {
    measureStore(store, (operation, failed, seconds) => {
      expect(seconds).to.be.within(0, 60)
      observed.push(`${operation} ${failed ? 'failed' : 'worked'}`)
    })
    return store
  }
  const called = (work: (done: Done) => void): Promise<unknown[]> =>
    new Promise((resolve) => work((...values) => resolve(values)))

  /** A store that answers with what it was asked, later, or at once if a touch is not due. */
  const echo = {
    name: 'echo',
    get(id: string, done: Done) {
      setImmediate(done, ...(id === 'none' ? [] : [null, `${this.name} ${id}`]))
    },
    set(_id: string, _session: unknown, done?: Done) {
      setImmediate(() => done?.(new Error('away')))
    },
    touch(_id: string, _session: unknown, done?: Done) {
      done?.()
    },
    destroy(_id: string, done?: Done) {
      setImmediate(() => done?.())
    },
  }

  it('answers as before, with as many values, and itself as `this`', async () => {
    const store = measured({ ...echo })
    expect(await called((done) => store.get('a', done))).to.deep.equal([null, 'echo a'])
    expect(await called((done) => store.get('none', done))).to.deep.equal([])
    const [error] = await called((done) => store.set('a', {}, done))
    expect(error).to.have.property('message', 'away')
    expect(observed).to.deep.equal(['get worked', 'get worked', 'set failed'])
  })

  it('calls back at once where the store does, and does not count that', () => {
    let isCalled = false
    measured({ ...echo }).touch('a', {}, () => (isCalled = true))
    expect([isCalled, observed]).to.deep.equal([true, []])
  })

  it('is measured as well if nobody waits for it', async () => {
    measured({ ...echo }).destroy('a')
    await new Promise((resolve) => setTimeout(resolve))
    await new Promise(setImmediate)
    expect(observed).to.deep.equal(['destroy worked'])
  })
})
