import { expect } from 'chai'
import type * as Clock from '../../../context/cell/clock'

const HOUR = 3_600_000
/** Longer than a busy machine stands still between two lines. */
const MINUTE = 60_000

describe('the clock', () => {
  let clock: typeof Clock
  const { now } = Date

  /** A clock of its own: that of this process would stay ahead for the tests to come. */
  function newClock(): typeof Clock {
    const file = require.resolve('../../../context/cell/clock')
    const known = require.cache[file]
    Reflect.deleteProperty(require.cache, file)
    try {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- once more
      return require(file) as typeof Clock
    } finally {
      if (known) require.cache[file] = known
      else Reflect.deleteProperty(require.cache, file)
    }
  }

  beforeEach(() => {
    clock = newClock()
  })
  afterEach(() => {
    Date.now = now
  })

  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

  it("is the machine's, in whole milliseconds", () => {
    expect(clock.now()).to.be.closeTo(Date.now(), MINUTE)
    expect(Number.isSafeInteger(clock.now())).to.equal(true)
  })

  it("goes on when the machine's is set back", async () => {
    const before = clock.now()
    Date.now = () => now() - HOUR
    const after = clock.now()
    expect(after).to.be.at.least(before).and.closeTo(before, MINUTE)
    await pause(30)
    expect(clock.now()).to.be.at.least(after + 20)
  })

  it("is ahead at once when the machine's is set ahead", () => {
    const before = clock.now()
    Date.now = () => now() + HOUR
    expect(clock.now()).to.be.at.least(before + HOUR)
  })

  it("does not go back when the machine's is set ahead and back again", () => {
    Date.now = () => now() + HOUR
    const ahead = clock.now()
    Date.now = now
    expect(clock.now()).to.be.at.least(ahead)
  })

  it('goes on from the time that it is given, and says by how much it was behind', async () => {
    const before = clock.now()
    const behind = clock.goOnFrom(before + HOUR)
    expect(behind).to.be.within(HOUR - MINUTE, HOUR)
    const after = clock.now()
    expect(after).to.be.within(before + HOUR - 1, before + HOUR + MINUTE)
    expect(Number.isSafeInteger(after)).to.equal(true)
    await pause(30)
    expect(clock.now()).to.be.at.least(after + 20)
  })

  it('stays ahead where it is given an earlier time later on', () => {
    const before = clock.now()
    clock.goOnFrom(before + HOUR)
    for (const time of [before, 0, -HOUR, before + HOUR / 2]) {
      expect(clock.goOnFrom(time), String(time)).to.equal(0)
      expect(clock.now()).to.be.at.least(before + HOUR - 1)
    }
    expect(clock.goOnFrom(before + 2 * HOUR)).to.be.within(HOUR - MINUTE, HOUR)
    expect(clock.now()).to.be.at.least(before + 2 * HOUR - 1)
  })

  for (const time of [0, 1, 1_000_000_000_000]) {
    it(`is not behind, and stays as it is, where it is given ${String(time)}`, () => {
      expect(clock.goOnFrom(time)).to.equal(0)
      expect(clock.now()).to.be.closeTo(Date.now(), MINUTE)
    })
  }
})
