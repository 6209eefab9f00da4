import { expect } from 'chai'
import { Client } from '../support/client'
import { hasPostgres } from '../support/postgres'
import { pause, withSeeds, type SeededRandom } from '../support/seeded-random'
import { SESSION_ENDS, type Scene, type SessionEnd } from '../support/session-ends'
import { SharedCells, type TestOwner } from '../support/shared-cells'

const STEPS = ['tick', 'write', 'save', 'save, and go on', 'touch', 'reload', 'owner'] as const

/** A login in flight. Milliseconds, by this process's clock. */
interface Attempt {
  client: Client
  sent: number
  answered: number
}

/**
 * What holds of sessions that end at one process while requests and logins are in flight at another one, whenever that is.
 *
 * @param count random interleavings of each kind of end
 * @param newUrl creates a PostgreSQL database for the cells, instead of their SQLite file
 */
export function describeSessionRaces(count: number, newUrl?: () => Promise<string>): void {
  describe(`a session with requests in flight at another process${newUrl ? ', on PostgreSQL (pending without it)' : ''}`, () => {
    const cells = new SharedCells()
    let bystander: Client

    before(async function () {
      if (newUrl && !hasPostgres()) this.skip()
      await cells.start('process', await newUrl?.())
      bystander = await cells.enter(await cells.newOwner())
    })
    after(() => cells.stop())

    for (const end of SESSION_ENDS) {
      it(`ends for good, and no other does, when ended by ${end.by}: ${count} interleavings (OWASP ASVS ${end.rule})`, async () => {
        // How long the last end took, in ms: requests in flight take as long, on a busy machine too.
        let span = 20
        const overtaken = await withSeeds(count, async (random) => {
          const began = performance.now()
          const late = await interleave(end, span, random)
          span = Math.min(Math.max((performance.now() - began) / 4, 5), 200)
          return late
        })
        if (count >= 20) expect(overtaken.some(Boolean), 'requests that outlasted the end').to.equal(true)
        expect(await cells.statusesOf(bystander)).to.deep.equal([200, 200])
      })
    }

    it(`does not end if nobody ends it: ${count} interleavings of its own requests (OWASP ASVS 7.4.1)`, async () => {
      await withSeeds(count, async (random) => {
        const client = await cells.enter(await cells.newOwner())
        const statuses = await Promise.all([1, 2, 3, 4, 5, 6].map(() => fly(random, client.copy(), 12)))
        expect(statuses, `seed ${random.seed}`).to.deep.equal([200, 200, 200, 200, 200, 200])
        expect(await cells.statusesOf(client), `seed ${random.seed}`).to.deep.equal([200, 200])
      })
    })

    /** @returns how many requests of the session went on after its end */
    async function interleave(end: SessionEnd, span: number, random: SeededRandom): Promise<number> {
      const seed = `seed ${random.seed}`
      const owner = await cells.newOwner()
      const before = { old: await cells.enter(owner), other: await cells.enter(owner) }
      const scene: Scene = {
        cells,
        owner,
        old: before.old.copy(cells.there),
        other: before.other.copy(cells.there),
      }
      const own = [1, 2, 3].map(() => before.old.copy())
      let late = 0
      let ended = Infinity
      const flying = [...own, before.other.copy(), bystander.copy()].map(async (client, index) => {
        const status = await fly(random, client, span)
        expect(status, `${seed}: a request in flight`).to.be.oneOf([200, 401])
        if (index < 3 && status === 200 && performance.now() > ended) late += 1
      })
      const logins = end.endsLogins ? [1, 2].map(() => pause(random.next() * span * 2).then(() => logIn(owner))) : []
      await pause(random.next() * span)
      const began = performance.now()
      await end.run(scene)
      ended = performance.now()
      await Promise.all(flying)

      // A request in flight may have got a new cookie. It is nobody's.
      for (const client of own)
        if (client.cookies.get('id') !== before.old.cookies.get('id')) await expectAt(client, 401)
      for (const name of ['old', 'other'] as const) {
        const isAlive = end.alive.includes(name)
        const isSame = before[name].cookies.get('id') === scene[name].cookies.get('id')
        await expectAt(scene[name], isAlive ? 200 : 401)
        await expectAt(before[name], isAlive && isSame ? 200 : 401)
      }
      for (const { client, sent, answered } of await Promise.all(logins)) {
        const [here, there] = await cells.statusesOf(client)
        expect(here, `${seed}: at both`).to.equal(there)
        if (answered < began || end.password !== undefined) expect(here, `${seed}: a login before`).to.equal(401)
        else if (sent > ended && !end.later) expect(here, `${seed}: a login after`).to.equal(200)
      }
      await end.later?.(scene)
      await expectAt(before.old, 401)
      return late

      async function expectAt(client: Client, status: number): Promise<void> {
        expect(await cells.statusesOf(client), seed).to.deep.equal([status, status])
      }
    }

    async function logIn({ username, password }: TestOwner): Promise<Attempt> {
      const client = new Client(cells.here)
      const sent = performance.now()
      await client.post('/api/login', { username, password })
      return { client, sent, answered: performance.now() }
    }
  })
}

/** Sends random steps that take about `span` milliseconds. @returns the status */
async function fly(random: SeededRandom, client: Client, span: number): Promise<number> {
  const count = 2 + random.below(4)
  const steps = Array.from({ length: count }, () => [
    ['wait', Math.ceil((random.next() * 2 * span) / count)],
    [random.one(STEPS), random.below(8)],
  ]).flat()
  await pause((random.next() * span) / 2)
  return (await client.post('/races/steps', steps)).status
}
