import { expect } from 'chai'
import { Client } from '../support/client'
import { pause, withSeeds, type SeededRandom } from '../support/seeded-random'
import { PASSWORD, SharedCells, type TestOwner } from '../support/shared-cells'

const OTHER_PASSWORD = 'battery horse staple'
/** Milliseconds that a login takes, more or less. */
const LOGIN = 50

/** What makes an owner's logins void that are in flight. */
interface Change {
  /** As in "while …". */
  title: string
  rule: string
  run(owner: TestOwner): Promise<unknown>
  /** What lets him in again, if he gets in again, and with which password. */
  later?: { run?(owner: TestOwner): Promise<void>; password?: string }
}

/** A login in flight. Milliseconds, on the clock of this process. */
interface Attempt {
  client: Client
  status: number
  sent: number
  answered: number
}

/**
 * What holds of logins that something makes void while they are in flight, whenever that is.
 *
 * @param count interleavings of each kind
 */
export function describeLoginsInFlight(count: number): void {
  describe('a login at one of two processes on one database', () => {
    const cells = new SharedCells()

    before(() => cells.start(2))
    after(() => cells.stop())

    const changes: Change[] = [
      {
        title: 'the owner sets another password at the other one',
        rule: '7.4.3',
        async run(owner) {
          const client = (await cells.enter(owner)).copy(cells.there)
          const { status } = await client.post('/api/password', {
            currentPassword: owner.password,
            newPassword: OTHER_PASSWORD,
          })
          expect(status).to.equal(204)
        },
        later: { password: OTHER_PASSWORD },
      },
      {
        title: 'the operator gives the owner another password',
        rule: '7.4.3',
        run: ({ username }) => cells.operator.resetPassword(username, OTHER_PASSWORD),
        later: { password: OTHER_PASSWORD },
      },
      {
        title: 'the operator disables the owner, also when he lets him in again',
        rule: '7.4.2',
        run: ({ username }) => cells.operator.disable(username),
        later: { run: ({ username }) => cells.operator.enable(username) },
      },
      {
        title: 'the operator deletes the owner',
        rule: '7.4.2',
        run: ({ username }) => cells.operator.delete(username),
      },
    ]
    for (const { later, ...change } of changes) {
      const { title, rule } = change
      it(`is of no use when it is in flight while ${title}: ${count} interleavings (OWASP ASVS ${rule})`, async () => {
        const inFlight = await withSeeds(count, async (random) => {
          const owner = await cells.newOwner()
          const { attempts, begun } = await logInDuring(random, owner, () => change.run(owner))
          for (const { client } of attempts) await expectStatus(client, 401, random)
          if (later) {
            await later.run?.(owner)
            const password = later.password ?? owner.password
            const again = await logIn({ ...owner, password })
            expect(again.status, `seed ${random.seed}`).to.equal(200)
            for (const { client } of attempts) await expectStatus(client, 401, random)
            await expectStatus(again.client, 200, random)
          }
          return attempts.filter(({ sent, answered }) => sent < begun && answered > begun).length
        })
        // A few may all be too early or too late.
        if (count >= 20)
          expect(
            inFlight.reduce((sum, some) => sum + some),
            'logins in flight',
          ).to.be.above(0)
      })
    }

    const resets: [title: string, rule: string, run: (name: string) => Promise<void>][] = [
      ["ends the owner's sessions", '7.4.5', (name) => cells.operator.endSessions(name)],
      [
        'disables the owner and lets him in again at once',
        '7.4.2',
        (name) => cells.operator.disable(name).then(() => cells.operator.enable(name)),
      ],
      ['gives the owner the same password once more', '7.4.3', (name) => cells.operator.resetPassword(name, PASSWORD)],
    ]
    for (const [title, rule, run] of resets) {
      it(`is over when it came before the operator ${title} and holds when it came after: ${count} interleavings (OWASP ASVS ${rule})`, async () => {
        await withSeeds(count, async (random) => {
          const owner = await cells.newOwner()
          const before = await cells.stampOf(owner)
          const { attempts, begun, ended } = await logInDuring(random, owner, () => run(owner.username))
          const stamp = await cells.stampOf(owner)
          expect(stamp, `seed ${random.seed}`).to.not.equal(before)
          for (const { client, sent, answered } of attempts) {
            const { status } = await client.get('/api/me')
            if (answered < begun) expect(status, `seed ${random.seed}`).to.equal(401)
            if (sent > ended) expect(status, `seed ${random.seed}`).to.equal(200)
            if (status === 200) expect(await cells.kept(client), `seed ${random.seed}`).to.deep.equal({ stamp })
            await expectStatus(client, status, random)
          }
        })
      })
    }

    it(`is over when two logouts at once end it, one at each: ${count * 4} interleavings (OWASP ASVS 7.4.1)`, async () => {
      await withSeeds(count * 4, async (random) => {
        const client = await cells.enter(await cells.newOwner())
        const statuses = await Promise.all(
          [cells.here, cells.there].map(async (address) => {
            await pause(random.below(4))
            return (await client.copy(address).post('/api/logout')).status
          }),
        )
        expect(statuses, `seed ${random.seed}`).to.include(204)
        for (const status of statuses) expect(status, `seed ${random.seed}`).to.be.oneOf([204, 401])
        await expectStatus(client, 401, random)
      })
    })

    it(`gets in with the password of the one change that wins of two at once, one at each: ${count} interleavings (OWASP ASVS 7.4.3)`, async () => {
      await withSeeds(count, async (random) => {
        const owner = await cells.newOwner()
        const sessions = [await cells.enter(owner), await cells.enter(owner)]
        const changing = await Promise.all(
          sessions.map(async (old, index) => {
            const client = old.copy(index === 0 ? cells.here : cells.there)
            await pause(random.below(LOGIN / 2))
            const password = `${OTHER_PASSWORD} ${index}`
            const { status } = await client.post('/api/password', {
              currentPassword: owner.password,
              newPassword: password,
            })
            return { old, client, password, status }
          }),
        )
        const [winner, ...more] = changing.filter(({ status }) => status === 204)
        expect(more, `seed ${random.seed}`).to.deep.equal([])
        if (!winner) return expect.fail(`seed ${random.seed}: neither wins`)
        for (const one of changing) {
          expect(one.status, `seed ${random.seed}`).to.be.oneOf(one === winner ? [204] : [401, 403])
          await expectStatus(one.old, 401, random)
          await expectStatus(one.client, one === winner ? 200 : 401, random)
          const login = await logIn({ ...owner, password: one.password })
          expect(login.status, `seed ${random.seed}`).to.equal(one === winner ? 200 : 401)
        }
        expect((await logIn(owner)).status, `seed ${random.seed}`).to.equal(401)
      })
    })

    /** Has an owner log in three times while something happens to him. @returns when that began and when it was done */
    async function logInDuring(
      random: SeededRandom,
      owner: TestOwner,
      run: () => Promise<unknown>,
    ): Promise<{ attempts: Attempt[]; begun: number; ended: number }> {
      const logging = Promise.all([1, 2, 3].map(() => pause(random.next() * LOGIN * 2).then(() => logIn(owner))))
      await pause(random.next() * LOGIN * 2)
      const begun = performance.now()
      await run()
      return { begun, ended: performance.now(), attempts: await logging }
    }

    async function logIn({ username, password }: TestOwner): Promise<Attempt> {
      const client = new Client(cells.here)
      const sent = performance.now()
      const { status } = await client.post('/api/login', { username, password })
      return { client, status, sent, answered: performance.now() }
    }

    async function expectStatus(client: Client, status: number, { seed }: SeededRandom): Promise<void> {
      for (const address of [cells.here, cells.there]) {
        expect((await client.copy(address).get('/api/me')).status, `seed ${seed}`).to.equal(status)
      }
    }
  })
}
