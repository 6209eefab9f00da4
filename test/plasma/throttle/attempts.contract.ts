import { expect } from 'chai'
import type { Settle } from '../../../plasma/throttle/attempts'
import { stoppedClock } from '../../support/clock'
import { TestAttempts, type Admission, type OpenCounts } from '../../support/throttle-attempts'
import { FREE, LIMITS, newAddress } from '../../support/throttled-cell'

const { forgetSeconds } = LIMITS.account
const { knownSeconds } = LIMITS
const IN = Array<Admission>(FREE.account).fill('in')

/**
 * How attempts are limited, wherever they are counted.
 *
 * @param newPlace makes a place without counts
 */
export function describeAttempts<Place>(newPlace: () => Place | Promise<Place>, openCounts: OpenCounts<Place>): void {
  const clock = stoppedClock()
  let attempts: TestAttempts
  /** With the same counts, as in another process. */
  let elsewhere: TestAttempts
  let account = ''
  let other = ''
  let here = ''

  before(async () => {
    const place = await newPlace()
    attempts = await TestAttempts.open(openCounts, place)
    elsewhere = await TestAttempts.open(openCounts, place)
  })
  beforeEach(() => {
    account = `username ${crypto.randomUUID()}`
    other = `username ${crypto.randomUUID()}`
    here = newAddress()
  })
  after(async () => {
    await attempts.close()
    await elsewhere.close()
  })

  /** Fails at so many accounts from one address. */
  async function spray(network: string, count = FREE.address): Promise<void> {
    for (let done = 0; done < count; done += 1)
      expect(await attempts.attempt('refused', `${other} ${done}`, network)).to.equal('in')
  }

  it('wait after so many failures at one account, from any addresses, and at no other (OWASP ASVS 6.3.1)', async () => {
    expect(await attempts.repeat(FREE.account + 2, 'refused', account)).to.deep.equal([...IN, 60, 60])
    expect(await attempts.look(other)).to.equal('in')
  })

  it('wait after so many failures from one address, at any accounts, and nowhere else (OWASP ASVS 6.3.1)', async () => {
    await spray(here)
    expect([await attempts.look(account, here), await attempts.look([], here)]).to.deep.equal([60, 60])
    expect(await attempts.look(account)).to.equal('in')
  })

  it('are not counted when they are refused: hammering makes no wait longer', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    expect(new Set(await attempts.repeat(10, 'refused', account))).to.deep.equal(new Set([60]))
    clock.pass(60_000)
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 120])
  })

  it('wait twice as long each time, up to the longest wait, while somebody keeps failing', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    const waits = [60]
    for (let count = 0; count < 5; count += 1) {
      clock.pass((waits.at(-1) ?? 0) * 1000)
      const [first, second] = await attempts.repeat(2, 'refused', account)
      expect(first).to.equal('in')
      waits.push(Number(second))
    }
    expect(waits).to.deep.equal([60, 120, 240, 240, 240, 240])
    await attempts.counted.setPoints(5000, 7)
    clock.pass(240_000)
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 240])
  })

  it('are told whole seconds, rounded up and never 0', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    const waits: Admission[] = []
    for (const passed of [1, 500, 58_498, 1000, 1]) {
      clock.pass(passed)
      waits.push(await attempts.look(account))
    }
    expect(waits).to.deep.equal([60, 60, 2, 1, 'in'])
  })

  it('wait for the longer of two waits', async () => {
    await spray(here)
    clock.pass(60_000)
    await attempts.attempt('refused', [], here)
    await attempts.repeat(FREE.account, 'refused', account)
    expect([await attempts.look(account, here), await attempts.look(account)]).to.deep.equal([120, 60])
  })

  it('are forgotten after a time without failures that cause a wait', async () => {
    await attempts.repeat(FREE.account - 1, 'refused', account)
    clock.pass(forgetSeconds * 1000 - 1)
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 60])
    clock.pass(forgetSeconds * 1000 - 1)
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 120])
    clock.pass(forgetSeconds * 1000)
    expect(await attempts.repeat(FREE.account + 1, 'refused', account)).to.deep.equal([...IN, 60])
  })

  it('reset nothing when they succeed: neither of the address nor of the account for others', async () => {
    await attempts.repeat(FREE.account - 1, 'refused', account, here)
    for (let count = 0; count < FREE.address - FREE.account; count += 1) {
      expect(await attempts.attempt('granted', other, here)).to.equal('in')
      expect(await attempts.attempt('refused', [], here)).to.equal('in')
    }
    expect(await attempts.attempt('granted', account)).to.equal('in')
    expect(await attempts.attempt('refused', account, here)).to.equal('in')
    expect([await attempts.look(account), await attempts.look([], here)]).to.deep.equal([60, 60])
  })

  it('leave no row behind when all points are given back: nobody fills the disk with names', async () => {
    const before = await attempts.counted.countRows()
    for (let count = 0; count < 20; count += 1) await attempts.attempt('undone', `${other} ${count}`, here)
    expect(await attempts.counted.countRows()).to.equal(before)
  })

  it('take a point from all of their counts or from none', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    for (let count = 0; count < FREE.address; count += 1)
      expect(await attempts.attempt('refused', [other, account], here)).to.equal(60)
    expect(await attempts.repeat(FREE.account, 'refused', other, here)).to.deep.equal(IN)
  })

  it('that name several accounts wait for each of them, and make the address known to none', async () => {
    expect(await attempts.repeat(FREE.account, 'refused', [account, other], here)).to.deep.equal(IN)
    expect([await attempts.look(account), await attempts.look(other)]).to.deep.equal([60, 60])
    clock.pass(forgetSeconds * 1000)
    // Nor are there free guesses where one of the accounts is known.
    await attempts.attempt('granted', other, here)
    await attempts.repeat(FREE.account, 'refused', [other, account], here)
    expect(await attempts.look(account)).to.equal(60)
    clock.pass(forgetSeconds * 1000)
    // Nobody can tell whose password it was.
    expect(await attempts.attempt('granted', [account, other], here)).to.equal('in')
    await attempts.repeat(FREE.account, 'refused', account)
    expect(await attempts.look(account, here)).to.equal(60)
  })

  it('are names of their owner too, once it is known who that is', async () => {
    await (
      await attempts.begin(account, here)
    )('granted', 'id ada')
    await attempts.repeat(FREE.account, 'refused', 'id ada')
    expect([await attempts.look('id ada', here), await attempts.look('id ada')]).to.deep.equal(['in', 60])
  })

  it('to register are limited by address, and limit nothing else (OWASP ASVS 6.3.1)', async () => {
    const strict = await TestAttempts.open(openCounts, await newPlace(), {
      registration: { ...LIMITS.registration, failures: 2 },
    })
    const register = (): Promise<Admission> => strict.attempt('granted', account, here, 'registration')
    expect([await register(), await register(), await register()]).to.deep.equal(['in', 'in', 60])
    expect([await strict.look(account, here), await strict.look([], here)]).to.deep.equal(['in', 'in'])
    for (let count = 0; count < FREE.address; count += 1) await strict.attempt('refused', `${other} ${count}`, here)
    clock.pass(60_000)
    expect(await register()).to.equal('in')
    await strict.close()
  })

  it('are bounded per address while under way, and at no other, however they end', async () => {
    const limited = await TestAttempts.open(openCounts, await newPlace(), {
      address: { ...LIMITS.address, underWay: 2 },
    })
    const settles = [await limited.begin(account, here), await limited.begin([], here)]
    expect([await limited.look(other, here), await limited.look(other)]).to.deep.equal([1, 'in'])
    await settles[0]?.('refused')
    expect(await limited.look(other, here)).to.equal('in')
    // Refusals leave nothing under way.
    await limited.repeat(FREE.account, 'refused', other)
    for (let count = 0; count < 5; count += 1) expect(await limited.look(other, here)).to.equal(60)
    await limited.close()
  })

  describe('from an address that has logged in to the account', () => {
    beforeEach(() => attempts.attempt('granted', account, here))

    it('are admitted, whatever others do to the account or at the address (OWASP ASVS 6.3.1)', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      await spray(here)
      expect([await attempts.look(account), await attempts.look(other, here)]).to.deep.equal([60, 60])
      expect([await attempts.look(account, here), await elsewhere.look(account, here)]).to.deep.equal(['in', 'in'])
    })

    it('wait after so many failures of their own, for which nobody elsewhere waits', async () => {
      await attempts.repeat(FREE.account, 'undone', account, here)
      expect(await attempts.repeat(FREE.account + 1, 'refused', account, here)).to.deep.equal([...IN, 60])
      expect([await attempts.look(account), await attempts.look(other, here)]).to.deep.equal(['in', 'in'])
    })

    it('start again after a success there, and only there', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      for (let round = 0; round < 2; round += 1) {
        expect(await attempts.repeat(FREE.account - 1, 'refused', account, here)).to.deep.equal(IN.slice(1))
        await attempts.attempt('granted', account, here)
      }
      expect(await attempts.look(account)).to.equal(60)
    })

    it('are those of a stranger after a time without a login, which each login extends', async () => {
      const besieged = async (): Promise<Admission> => {
        await attempts.repeat(FREE.account, 'refused', account)
        return attempts.look(account, here)
      }
      clock.pass(knownSeconds * 750)
      await attempts.attempt('granted', account, here)
      clock.pass(knownSeconds * 1000 - 1)
      expect(await besieged()).to.equal('in')
      clock.pass(1)
      expect(await besieged()).to.equal(60)
    })

    it('write nothing new about the address before half of that time has passed', async () => {
      const before = await attempts.counted.keptUntil()
      clock.pass(knownSeconds * 499)
      await attempts.attempt('granted', account, here)
      expect(await attempts.counted.keptUntil()).to.deep.equal(before)
    })

    it('are those of a stranger at every other account, and in every other network', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      await attempts.repeat(FREE.account, 'refused', other)
      expect(await attempts.look(other, here)).to.equal(60)
      for (const network of [`${here} `, ` ${here}`, `${here}.1`, ''])
        expect(await attempts.look(account, network), network).to.equal(60)
    })
  })

  describe('that come at once', () => {
    const begin = async (count: number, start: (index: number) => Promise<Settle>): Promise<Settle[]> => {
      const all = await Promise.allSettled(Array.from({ length: count }, (_, index) => start(index)))
      for (const { status, ...one } of all)
        if (status === 'rejected') expect(one).to.have.nested.property('reason.retryAfter', 60)
      return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    }

    it('are admitted as many as are free, in two processes as in one, and wait for no other (OWASP ASVS 6.3.1)', async () => {
      const settles = await begin(40, (index) => (index % 2 ? attempts : elsewhere).begin(account))
      expect(settles).to.have.length(FREE.account)
      // When all of them were right, nothing is left.
      await Promise.all(settles.map((settle) => settle('granted')))
      expect(await elsewhere.repeat(FREE.account + 1, 'refused', account)).to.deep.equal([...IN, 60])
      expect(await attempts.look(account)).to.equal(60)
    })

    it('lift the wait that they caused when they are right, and no other', async () => {
      await attempts.repeat(FREE.account - 1, 'refused', account)
      const last = await attempts.begin(account)
      expect(await attempts.look(account)).to.equal(60)
      await last('granted')
      expect(await attempts.attempt('refused', account)).to.equal('in')
      expect(await attempts.look(account)).to.equal(60)
      clock.pass(60_000)
      const next = await attempts.begin(account)
      expect(await attempts.look(account)).to.equal(120)
      await next('granted')
      expect(await attempts.look(account)).to.equal('in')
      // One that takes longer than its own wait, while another fails.
      const slow = await attempts.begin(account)
      clock.pass(120_000)
      expect(await attempts.attempt('refused', account)).to.equal('in')
      await slow('granted')
      expect(await attempts.look(account)).to.equal(240)
    })

    it('lift a wait that others caused when fewer failures are left than are free', async () => {
      const [first] = await begin(FREE.account, () => attempts.begin(account))
      await first?.('undone')
      expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 60])
    })
  })
}
