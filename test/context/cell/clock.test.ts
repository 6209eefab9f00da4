import { expect } from 'chai'
import { Clock, clockOf } from '../../../context/cell/clock'
import { EventBus } from '../../../context/cell/event-bus'

const HOUR = 3_600_000
/** Longer than a busy machine stands still between two lines. */
const MINUTE = 60_000

describe('the clock', () => {
  const { now } = Date
  let clock: Clock
  beforeEach(() => {
    clock = new Clock()
  })
  afterEach(() => {
    Date.now = now
  })

  it("is the machine's, in whole milliseconds", () => {
    expect(clock.now()).to.be.closeTo(Date.now(), MINUTE)
    expect(clock.now()).to.satisfy(Number.isSafeInteger)
  })

  it("goes on when the machine's is set back", () => {
    const before = clock.now()
    Date.now = () => now() - HOUR
    const after = clock.now()
    expect(after).to.be.at.least(before).and.closeTo(before, MINUTE)
    while (clock.now() === after);
    expect(clock.now()).to.be.above(after)
  })

  it("follows when the machine's is set ahead, and does not go back with it", () => {
    const before = clock.now()
    Date.now = () => now() + HOUR
    expect(clock.now()).to.be.at.least(before + HOUR)
    Date.now = now
    expect(clock.now()).to.be.at.least(before + HOUR)
  })

  it('advances to a later time, says by how much it was behind, and ignores earlier times', () => {
    const before = clock.now()
    expect(clock.advanceTo(before + HOUR)).to.be.within(HOUR - MINUTE, HOUR)
    expect(clock.now()).to.be.within(before + HOUR - 1, before + HOUR + MINUTE)
    for (const time of [before, 0, -HOUR, before + HOUR / 2]) {
      expect(clock.advanceTo(time), String(time)).to.equal(0)
      expect(clock.now())
        .to.be.within(before + HOUR - 1, before + HOUR + MINUTE)
        .and.satisfy(Number.isSafeInteger)
    }
  })

  it('is one for each plasma', () => {
    const plasma = new EventBus()
    void plasma.store({ type: 'Clock', data: clock })
    expect(clockOf(plasma)).to.equal(clock)
    expect(clockOf(new EventBus()).now()).to.be.closeTo(Date.now(), MINUTE)
  })
})
