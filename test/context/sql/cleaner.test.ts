import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import { cleanRegularly } from '../../../context/sql/cleaner'
import { until } from '../../support/until'
import { keepWarnings } from '../../support/warnings'

describe('the regular clean-up', () => {
  const warnings = keepWarnings()
  let plasma: EventBus
  beforeEach(() => {
    plasma = new EventBus()
  })
  afterEach(() => plasma.emit('kill'))

  /** Cleans up rows that come back as soon as all are deleted. @returns the size of each batch, when there are so many */
  async function clean(left: () => number, batches: number): Promise<number[]> {
    const sizes: number[] = []
    let rows = left()
    cleanRegularly(plasma, 1, 'expired rows', (limit) => {
      const deleted = Math.min(limit, rows)
      sizes.push(deleted)
      rows = deleted < limit ? left() : rows - deleted
      return Promise.resolve(deleted)
    })
    await until(() => sizes.length >= batches)
    return sizes
  }

  it('deletes batch after batch until nothing is left, again and again', async () => {
    expect((await clean(() => 50, 6)).slice(0, 6)).to.deep.equal([20, 20, 10, 20, 20, 10])
  })

  it('lets timers and requests run between two batches', async () => {
    let turns = 0
    const counting = setInterval(() => (turns += 1), 1)
    const seen: number[] = []
    cleanRegularly(plasma, 1, 'expired rows', (limit) => {
      seen.push(turns)
      // As SQLite does.
      for (const end = performance.now() + 5; performance.now() < end;);
      return Promise.resolve(seen.length < 5 ? limit : 0)
    })
    await until(() => seen.length === 5)
    clearInterval(counting)
    expect(seen.map((turn, index) => turn - (seen[index - 1] ?? 0)).every((passed) => passed > 0)).to.equal(true)
  })

  it('goes on after a failure, which it warns of', async () => {
    let attempts = 0
    cleanRegularly(plasma, 1, 'expired rows', () => {
      attempts += 1
      return attempts === 1 ? Promise.reject(new Error('a full disk')) : Promise.resolve(0)
    })
    await until(() => attempts === 2)
    expect(warnings).to.deep.equal(['expired rows could not be deleted: a full disk'])
  })

  it('ends with the cell, also between two batches, and does not warn of the closed database', async () => {
    let fail = (_error: Error): void => undefined
    let batches = 0
    cleanRegularly(plasma, 1, 'expired rows', (limit) => {
      batches += 1
      if (batches < 3) return Promise.resolve(limit)
      return new Promise((_resolve, reject) => (fail = reject))
    })
    await until(() => batches === 3)
    await plasma.emit('kill')
    fail(new Error('closed'))
    // When one that began later has its turn, this one would have had one, too.
    plasma = new EventBus()
    await clean(() => 0, 1)
    expect({ batches, warnings }).to.deep.equal({ batches: 3, warnings: [] })
  })
})
