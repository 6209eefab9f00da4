import { expect } from 'chai'
import { stoppedClock } from '../../support/clock'
import { TestAttempts } from '../../support/throttle-attempts'
import { FREE, LIMITS, newAddress } from '../../support/throttled-cell'

const { forgetSeconds } = LIMITS.account
const { knownSeconds } = LIMITS

describe('attempts to log in', () => {
  const clock = stoppedClock()
  let attempts: TestAttempts
  before(async () => {
    attempts = await TestAttempts.open()
  })
  after(() => attempts.database.close())

  let account = ''
  let other = ''
  let here = ''
  beforeEach(() => {
    account = `username ${crypto.randomUUID()}`
    other = `username ${crypto.randomUUID()}`
    here = newAddress()
  })

  it('at one account wait after so many failures, from whatever addresses (OWASP ASVS 6.3.1)', async () => {
    expect(await attempts.repeat(FREE.account + 2, 'refused', account)).to.deep.equal(['in', 'in', 'in', 60, 60])
    expect(await attempts.look(other)).to.equal('in')
  })

  it('from one address wait after so many failures, at whatever accounts (OWASP ASVS 6.3.1)', async () => {
    for (let count = 0; count < FREE.address; count += 1)
      expect(await attempts.attempt('refused', `${other} ${count}`, here)).to.equal('in')
    expect(await attempts.look(account, here)).to.equal(60)
    expect(await attempts.look(account)).to.equal('in')
  })

  it('that name no account wait for their address alone', async () => {
    expect(new Set(await attempts.repeat(FREE.address, 'refused', [], here))).to.deep.equal(new Set(['in']))
    expect([await attempts.look([], here), await attempts.look([])]).to.deep.equal([60, 'in'])
  })

  it('that are refused a look at the password are no failures: hammering makes no wait longer', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    expect(new Set(await attempts.repeat(30, 'refused', account))).to.deep.equal(new Set([60]))
    clock.pass(60_000)
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 120])
  })

  it('wait longer each time, one by one, and are never free again while somebody goes on', async () => {
    await attempts.repeat(FREE.account, 'refused', account)
    const waits = [60]
    for (let count = 0; count < 5; count += 1) {
      clock.pass((waits.at(-1) ?? 0) * 1000)
      const [first, second] = await attempts.repeat(2, 'refused', account)
      expect(first).to.equal('in')
      waits.push(Number(second))
    }
    expect(waits).to.deep.equal([60, 120, 240, 240, 240, 240])
  })

  it('wait for the account or for the address, whichever is longer', async () => {
    await attempts.repeat(FREE.address, 'refused', [], here)
    clock.pass(60_000)
    await attempts.attempt('refused', [], here)
    await attempts.repeat(FREE.account, 'refused', account)
    expect([
      await attempts.look(account, here),
      await attempts.look(account),
      await attempts.look(other, here),
    ]).to.deep.equal([120, 60, 120])
  })

  it('that say nothing of the password are not counted', async () => {
    expect(new Set(await attempts.repeat(FREE.address * 2, 'undone', account, here))).to.deep.equal(new Set(['in']))
    expect(await attempts.repeat(FREE.account, 'refused', account, here)).to.deep.equal(['in', 'in', 'in'])
  })

  it('that succeed at one account reset nothing: neither of the address nor of another account', async () => {
    await attempts.repeat(FREE.account - 1, 'refused', account, here)
    for (let count = 0; count < FREE.address - FREE.account; count += 1) {
      expect(await attempts.attempt('granted', other, here)).to.equal('in')
      expect(await attempts.attempt('refused', [], here)).to.equal('in')
    }
    await attempts.attempt('granted', other, here)
    expect(await attempts.attempt('refused', account, here)).to.equal('in')
    expect([await attempts.look(account), await attempts.look([], here)]).to.deep.equal([60, 60])
  })

  it('that succeed at an account from a new address do not reset it for the others', async () => {
    await attempts.repeat(FREE.account - 1, 'refused', account)
    expect(await attempts.attempt('granted', account)).to.equal('in')
    expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 60])
  })

  describe('from an address that has logged in to the account', () => {
    beforeEach(() => attempts.attempt('granted', account, here))

    it('are let in, whatever others do to the account', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      expect([await attempts.look(account), await attempts.look(account, here)]).to.deep.equal([60, 'in'])
    })

    it('are let in, whoever else is at the address', async () => {
      for (let count = 0; count < FREE.address; count += 1) await attempts.attempt('refused', `${other} ${count}`, here)
      expect([await attempts.look(other, here), await attempts.look(account, here)]).to.deep.equal([60, 'in'])
    })

    it('wait after so many failures of their own, which nobody elsewhere waits for', async () => {
      expect(await attempts.repeat(FREE.account + 1, 'refused', account, here)).to.deep.equal(['in', 'in', 'in', 60])
      expect([await attempts.look(account), await attempts.look(other, here)]).to.deep.equal(['in', 'in'])
    })

    it('are free again after a success there, and only there', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      await attempts.repeat(FREE.account - 1, 'refused', account, here)
      await attempts.attempt('granted', account, here)
      expect(await attempts.repeat(FREE.account + 1, 'refused', account, here)).to.deep.equal(['in', 'in', 'in', 60])
      expect(await attempts.look(account)).to.equal(60)
    })

    it('are those of a stranger once it has not logged in for so long, and not before', async () => {
      const strangers = (): Promise<unknown> => attempts.repeat(FREE.account, 'refused', account)
      clock.pass(knownSeconds * 1000 - 1)
      await strangers()
      expect(await attempts.look(account, here)).to.equal('in')
      clock.pass(1)
      expect(await attempts.look(account, here)).to.equal(60)
    })

    it('are known for longer with each login', async () => {
      for (let login = 0; login < 3; login += 1) {
        clock.pass(knownSeconds * 750)
        await attempts.attempt('granted', account, here)
      }
      clock.pass(knownSeconds * 250)
      await attempts.repeat(FREE.account, 'refused', account)
      expect(await attempts.look(account, here)).to.equal('in')
    })

    it('are strangers at every other account, and in every other spelling of another network', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      await attempts.repeat(FREE.account, 'refused', other)
      expect(await attempts.look(other, here)).to.equal(60)
      for (const network of [`${here} `, ` ${here}`, `${here}.1`, ''])
        expect(await attempts.look(account, network), network).to.equal(60)
    })
  })

  describe('that come at once', () => {
    const wait = (error: unknown): unknown => (error as { retryAfter?: number }).retryAfter

    it('are admitted as many as are free, and none of the others waits for how those end (OWASP ASVS 6.3.1)', async () => {
      const all = await Promise.allSettled(Array.from({ length: 50 }, () => attempts.begin(account)))
      const settles = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const waits = all.flatMap((one) => (one.status === 'rejected' ? [wait(one.reason)] : []))
      expect([settles.length, new Set(waits)]).to.deep.equal([FREE.account, new Set([60])])
      // Right ones, all of them: nothing is left of it, and nobody has waited for nothing.
      await Promise.all(settles.map((settle) => settle('granted')))
      expect(await attempts.repeat(FREE.account + 1, 'refused', account)).to.deep.equal(['in', 'in', 'in', 60])
    })

    it('are exact at one address, and where the account knows it', async () => {
      const spray = await Promise.allSettled(
        Array.from({ length: 15 }, (_, index) => attempts.begin(`${other} ${index}`, here)),
      )
      expect(spray.filter(({ status }) => status === 'fulfilled')).to.have.length(FREE.address)
      const home = newAddress()
      await attempts.attempt('granted', account, home)
      const pair = await Promise.allSettled(Array.from({ length: 15 }, () => attempts.begin(account, home)))
      expect(pair.filter(({ status }) => status === 'fulfilled')).to.have.length(FREE.account)
    })

    it('lift the wait that they have caused when they are right, and no other', async () => {
      await attempts.repeat(FREE.account - 1, 'refused', account)
      const last = await attempts.begin(account)
      expect(await attempts.look(account)).to.equal(60)
      await last('granted')
      expect(await attempts.attempt('refused', account)).to.equal('in')
      expect(await attempts.look(account)).to.equal(60)

      // One that takes longer than its own wait, while another fails.
      clock.pass(60_000)
      const slow = await attempts.begin(account)
      clock.pass(120_000)
      expect(await attempts.attempt('refused', account)).to.equal('in')
      await slow('granted')
      expect(await attempts.look(account)).to.equal(240)
    })

    it('give back a point once wrong ones have taken the last: fewer than are free have failed', async () => {
      const [first] = await Promise.all(Array.from({ length: FREE.account }, () => attempts.begin(account)))
      expect(await attempts.look(account)).to.equal(60)
      await first?.('undone')
      expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 60])
    })

    it('count under all of their keys or under none', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      for (let count = 0; count < FREE.address * 2; count += 1)
        expect(await attempts.attempt('refused', [other, account], here)).to.equal(60)
      expect(await attempts.repeat(FREE.account, 'refused', other, here)).to.deep.equal(['in', 'in', 'in'])
    })

    it('leave no row behind when all is given back: bodies that are none fill no disk', async () => {
      const rows = async (): Promise<number> =>
        (await attempts.database.query.selectFrom('throttles').select('key').execute()).length
      const before = await rows()
      for (let count = 0; count < 20; count += 1) await attempts.attempt('undone', `${other} ${count}`, here)
      expect(await rows()).to.equal(before)
    })

    it('count as wrong ones where their end is never told', async () => {
      for (let count = 0; count < FREE.account; count += 1) await attempts.begin(account)
      expect(await attempts.look(account)).to.equal(60)
    })

    it('wait no longer than the longest wait, after however many', async () => {
      await attempts.repeat(FREE.account, 'refused', account)
      await attempts.database.query
        .updateTable('throttles')
        .set({ points: 5000 })
        .where('points', '=', FREE.account)
        .execute()
      clock.pass(60_000)
      expect(await attempts.repeat(2, 'refused', account)).to.deep.equal(['in', 240])
    })
  })

  it('that name several accounts wait for each of them, and make the address known to none', async () => {
    expect(await attempts.repeat(FREE.account, 'refused', [account, other], here)).to.deep.equal(['in', 'in', 'in'])
    expect([await attempts.look(account), await attempts.look(other)]).to.deep.equal([60, 60])
    clock.pass(forgetSeconds * 1000)

    // Whose password it was, nobody can say.
    expect(await attempts.attempt('granted', [account, other], here)).to.equal('in')
    await attempts.repeat(FREE.account, 'refused', account)
    expect(await attempts.look(account, here)).to.equal(60)
  })
})
