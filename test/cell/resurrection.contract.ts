import { expect } from 'chai'
import type { Client } from '../support/client'
import { pause, withSeeds, type SeededRandom } from '../support/seeded-random'
import { SESSION_ENDS, type Scene, type SessionEnd } from '../support/session-ends'
import { randomSteps, type Step } from '../support/session-steps'
import { SharedCells } from '../support/shared-cells'

/** A request in flight: with whose cookie, after how many milliseconds, and what it does. */
interface Flight {
  client: Client
  after: number
  steps: Step[]
}

/** What interleavings of one kind of end have in common. */
interface Setting {
  cells: SharedCells
  end: SessionEnd
  bystander: Client
  /** How many milliseconds the end took last: the requests in flight take as long, on a machine that is busy, too. */
  span: number
}

/**
 * What holds of sessions that end while their requests are in flight, whenever that is: they are over for good, and no
 * other session is.
 *
 * @param processes of the cell, on one database: the requests in flight are in the first, the ends in the last
 * @param count interleavings of each kind of end
 */
export function describeNoResurrection(name: string, processes: number, count: number): void {
  describe(`a session with requests in flight, ${name}`, () => {
    const cells = new SharedCells()
    let bystander: Client

    before(async () => {
      await cells.start(processes)
      bystander = await cells.enter(await cells.newOwner())
    })
    after(() => cells.stop())

    for (const end of SESSION_ENDS) {
      const times = end.isSlow ? count / 2 : count
      it(`is over for good, and no other one is, when it is ended by ${end.by}: ${times} interleavings (OWASP ASVS ${[...new Set(['7.4.1', end.rule])].join(', ')})`, async () => {
        const setting = { cells, end, bystander, span: 20 }
        const late = await withSeeds(times, (random) => interleave(setting, random))
        // A few may all be too early or too late.
        if (times >= 20)
          expect(late.filter(Boolean).length, 'interleavings with requests that outlasted the end').to.be.above(0)
        await expectStatus(bystander, 200)
      })
    }

    it(`is not over when nobody ends it: ${count} interleavings of its own requests (OWASP ASVS 7.4.1)`, async () => {
      await withSeeds(count, async (random) => {
        const client = await cells.enter(await cells.newOwner())
        const flights = Array.from({ length: 6 }, () =>
          newFlight(random, client.copy(random.one([cells.here, cells.there])), 12),
        )
        const statuses = await Promise.all(flights.map(fly))
        expect(statuses, `seed ${random.seed}`).to.deep.equal(flights.map(() => 200))
        for (const address of [cells.here, cells.there]) await expectStatus(client.copy(address), 200, random.seed)
      })
    })
  })
}

/** @returns how many requests of the session went on after its end */
async function interleave(setting: Setting, random: SeededRandom): Promise<number> {
  const { cells, end, bystander, span } = setting
  const { seed } = random
  const owner = await cells.newOwner()
  const scene: Scene = { cells, owner, old: await cells.enter(owner), other: await cells.enter(owner) }
  const { old, other } = scene
  const own = [old, old, old].map((client) => newFlight(random, client.copy(), span))
  const others = [other, bystander].map((client) => newFlight(random, client.copy(), span))
  // Now and then one of its own requests gives the session up, in the middle of all this.
  if (random.below(8) === 0) own[0]?.steps.push({ does: 'regenerate' }, { does: 'write' })
  const after = random.next() * span

  let isOver = false
  let late = 0
  const flying = [...own, ...others].map(async (flight) => {
    const status = await fly(flight)
    expect(status, `seed ${seed}: a request in flight`).to.be.oneOf([200, 401])
    if (isOver && status === 200 && own.includes(flight)) late += 1
  })
  const ending = pause(after).then(async () => {
    const begun = performance.now()
    const outcome = await end.run(scene)
    setting.span = Math.max(performance.now() - begun, 5)
    isOver = true
    return outcome
  })
  const [{ status, alive, dead, nobody = [] }] = await Promise.all([ending, ...flying])
  expect(status, `seed ${seed}: the end`).to.be.oneOf(end.statuses)

  for (const client of alive) await expectStatus(client, 200, seed)
  // A request may have been given a new cookie: nobody is logged in with it.
  const replaced = own
    .map(({ client }) => client)
    .filter((client) => client.cookies.get('id') !== old.cookies.get('id'))
  for (const address of [cells.here, cells.there]) {
    for (const client of [...dead, ...nobody, ...replaced]) await expectStatus(client.copy(address), 401, seed)
    await end.later?.(scene)
  }
  for (const client of dead) expect(await cells.kept(client), `seed ${seed}: what is kept`).to.equal(undefined)
  return late
}

function newFlight(random: SeededRandom, client: Client, span: number): Flight {
  return { client, after: (random.next() * span) / 2, steps: randomSteps(random, span) }
}

async function fly({ client, after, steps }: Flight): Promise<number> {
  await pause(after)
  return (await client.post('/api/steps', { steps })).status
}

async function expectStatus(client: Client, status: number, seed?: number): Promise<void> {
  expect((await client.get('/api/me')).status, `seed ${String(seed)}`).to.equal(status)
}
