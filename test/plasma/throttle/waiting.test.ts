import { expect } from 'chai'
import { closeDatabase } from '../../../context/database'
import type { Attempt } from '../../../plasma/throttle/attempts'
import { pause } from '../../support/seeded-random'
import { openTestDatabase } from '../../support/test-database'
import { TestAttempts } from '../../support/throttle-attempts'
import { FREE, newAddress } from '../../support/throttled-cell'

describe('attempts to log in that come at once', () => {
  before(openTestDatabase)
  after(closeDatabase)

  // While nothing but a signal is waited for, a process may end.
  const alive = setInterval(() => undefined, 1000)
  after(() => clearInterval(alive))

  const attempts = new TestAttempts()
  let account = ''
  beforeEach(() => {
    account = `username ${crypto.randomUUID()}`
  })

  /** Begins an attempt. It counts how many were let in so far. */
  function begin(under: Attempt[], network = newAddress()): Promise<string> {
    const admitted = attempts.attempts.admit({ accounts: [account], network })
    return admitted.then((attempt) => `in ${under.push(attempt)}`, (error: unknown) => String((error as { status: number }).status))
  }

  it('are let in as many as are free, while nobody knows how they end (OWASP ASVS 6.3.1)', async () => {
    const under: Attempt[] = []
    const waiting = Array.from({ length: 20 }, () => begin(under))
    await pause(200)
    expect(under).to.have.length(FREE.account)
    for (const attempt of under) await attempt.settle('refused')
    expect((await Promise.all(waiting)).sort()).to.deep.equal([...Array<string>(17).fill('429'), 'in 1', 'in 2', 'in 3'])
  })

  it('are let in one by one after the free ones, each by the end of the one before', async () => {
    await attempts.repeat(FREE.account - 1, 'refused', account)
    const under: Attempt[] = []
    const waiting = Array.from({ length: 4 }, () => begin(under))
    for (let ended = 0; ended < 4; ended += 1) {
      await pause(50)
      expect(under).to.have.length(ended + 1)
      await under[ended]?.settle('undone')
    }
    expect(await Promise.all(waiting)).to.deep.equal(['in 1', 'in 2', 'in 3', 'in 4'])
  })

  it('are refused with 503 when those before them take longer than a second, and are no failures', async () => {
    const under: Attempt[] = []
    const begun = performance.now()
    const waiting = await Promise.all(Array.from({ length: FREE.account + 2 }, () => begin(under)))
    expect(performance.now() - begun).to.be.within(950, 5000)
    expect(waiting.sort()).to.deep.equal(['503', '503', 'in 1', 'in 2', 'in 3'])
    for (const attempt of under) await attempt.settle('undone')
    expect(await attempts.repeat(FREE.account + 1, 'refused', account)).to.deep.equal(['in', 'in', 'in', 60])
  })

  it('do not wait for those at another account, nor where the account is known', async () => {
    const known = newAddress()
    await attempts.attempt('granted', account, known)
    const under: Attempt[] = []
    const strangers = Array.from({ length: 10 }, () => begin(under))
    await pause(50)
    const begun = performance.now()
    expect([await attempts.look(account, known), await attempts.look(`${account} other`)]).to.deep.equal(['in', 'in'])
    expect(performance.now() - begun).to.be.lessThan(500)
    for (const attempt of under) await attempt.settle('refused')
    await Promise.all(strangers)
  })

  it('wait for those from one address, at whatever accounts', async () => {
    const network = newAddress()
    const under: Attempt[] = []
    const waiting = Array.from({ length: 30 }, () => {
      account = `username ${crypto.randomUUID()}`
      return begin(under, network)
    })
    await pause(200)
    expect(under).to.have.length(FREE.address)
    for (const attempt of under) await attempt.settle('refused')
    expect((await Promise.all(waiting)).filter((admitted) => admitted === '429')).to.have.length(22)
  })

  it('are woken whenever they could go on, however the ends and the beginnings meet', async () => {
    const one = new TestAttempts({ account: { failures: 1, firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600 } })
    const network = newAddress()
    const wrong: unknown[] = []
    for (let round = 0; round < 200; round += 1) {
      const work = async (): Promise<void> => {
        try {
          const attempt = await one.attempts.admit({ accounts: [`${account} ${round}`], network })
          // Each round ends it at another moment.
          for (let tick = 0; tick < round % 40; tick += 1) await Promise.resolve()
          await attempt.settle('granted')
        } catch (error) {
          wrong.push(error)
        }
      }
      await Promise.all([work(), work(), work()])
    }
    expect(wrong).to.deep.equal([])
  }).timeout(60_000)

  it('leave nothing behind that anybody would wait for', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => attempts.attempt(index % 2 ? 'undone' : 'granted', account)))
    const under: Attempt[] = []
    await Promise.all(Array.from({ length: FREE.account }, () => begin(under)))
    expect(under).to.have.length(FREE.account)
    for (const attempt of under) await attempt.settle('undone')
  })
})
