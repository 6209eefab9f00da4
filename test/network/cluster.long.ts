import { expect } from 'chai'
import { clockOf } from '../../context/cell'
import { Client, newCredentials } from '../support/client'
import { ANSWERED_BY, ClusteredCells, NO_CLUSTER, needCluster, startBalancer } from '../support/clustered-cells'
import type { Haproxy } from '../support/haproxy'

const EVERYWHERE = [200, 200, 200]
const NOWHERE = [401, 401, 401]
const MINUTE = 60_000

describe(`three cells on one PostgreSQL and one Redis, behind the HAProxy of the docs (${NO_CLUSTER})`, () => {
  needCluster()
  let cells: ClusteredCells
  let balancer: Haproxy | undefined

  before(async () => {
    cells = await ClusteredCells.start(3)
    balancer = await startBalancer(cells.ports)
  })
  after(async () => {
    await balancer?.stop()
    await cells?.stop()
  })

  it('log a user in at all of them, whichever HAProxy asks', async () => {
    const client = new Client(balancer?.address ?? '')
    const { username } = await client.registerAndLogIn()
    const asked = new Set<string | null>()
    for (let request = 0; request < 6; request += 1) {
      const { status, body, headers } = await client.get('/api/me')
      expect(status).to.equal(200)
      expect(body).to.include({ username })
      asked.add(headers.get(ANSWERED_BY))
    }
    expect([...asked].sort()).to.deep.equal(['cell1', 'cell2', 'cell3'])
  })

  it('end a session that a user logs out of, or ends from elsewhere, at one of them (OWASP ASVS 7.4.1)', async () => {
    const first = cells.client(0)
    const credentials = await first.registerAndLogIn()
    const second = cells.client(1)
    await second.post('/api/login', credentials)
    expect([await cells.statuses(first), await cells.statuses(second)]).to.deep.equal([EVERYWHERE, EVERYWHERE])

    const listed = (await second.copy(cells.addresses[2]).get('/api/sessions')).body as {
      id: string
      current: boolean
    }[]
    expect(listed.map(({ current }) => current).sort()).to.deep.equal([false, true])
    const { id } = listed.find(({ current }) => !current) ?? { id: '' }
    expect((await second.copy(cells.addresses[2]).send('DELETE', `/api/sessions/${id}`)).status).to.equal(204)
    expect([await cells.statuses(first), await cells.statuses(second)]).to.deep.equal([NOWHERE, EVERYWHERE])

    expect((await second.copy(cells.addresses[0]).post('/api/logout')).status).to.equal(204)
    expect(await cells.statuses(second)).to.deep.equal(NOWHERE)
  })

  it("end an owner's other sessions everywhere when the password changes at one (OWASP ASVS 7.4.3)", async () => {
    const changing = cells.client(0)
    const { username, password } = await changing.registerAndLogIn()
    const other = cells.client(1)
    await other.post('/api/login', { username, password })
    const before = changing.copy()
    const newPassword = 'battery horse staple'
    expect((await changing.post('/api/password', { currentPassword: password, newPassword })).status).to.equal(204)
    for (const ended of [before, other]) expect(await cells.statuses(ended)).to.deep.equal(NOWHERE)
    expect(await cells.statuses(changing)).to.deep.equal(EVERYWHERE)
    expect((await cells.client(2).post('/api/login', { username, password })).status).to.equal(401)
    expect((await cells.client(2).post('/api/login', { username, password: newPassword })).status).to.equal(200)
  })

  it('count wrong passwords together (OWASP ASVS 6.3.1)', async () => {
    const credentials = newCredentials()
    await cells.client().post('/api/register', credentials)
    const wrong = { ...credentials, password: 'wrong password' }
    // The address that has registered gets a count of its own, a moment later.
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' }
    const guesses = Array.from({ length: 30 }, (_, index) =>
      cells.client(index % 3).post('/api/login', wrong, elsewhere),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.sort()).to.deep.equal([...Array<number>(10).fill(401), ...Array<number>(20).fill(429)])
    for (const index of [0, 1, 2]) {
      const { status, headers } = await cells.client(index).post('/api/login', credentials, elsewhere)
      expect([status, headers.has('retry-after')]).to.deep.equal([429, true])
    }
  })

  it('count wrong passwords of one address, which HAProxy tells them, together', async () => {
    const address = (last: number): Record<string, string> => ({ 'x-forwarded-for': `203.0.113.${last}` })
    const guesses = Array.from({ length: 120 }, (_, index) =>
      cells.client(index % 3).post('/api/login', newCredentials(), address(1)),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401)).to.have.length(100)
    expect((await cells.client().post('/api/login', newCredentials(), address(2))).status).to.equal(401)
  })

  it('see what the operator does to an owner (OWASP ASVS 7.4.2, 7.4.5)', async () => {
    const client = cells.client(0)
    const credentials = await client.registerAndLogIn()
    const logIns = (): Promise<number[]> =>
      Promise.all([0, 1, 2].map(async (index) => (await cells.client(index).post('/api/login', credentials)).status))

    expect((await cells.operate('disable', credentials.username)).code).to.equal(0)
    expect([await cells.statuses(client), await logIns()]).to.deep.equal([NOWHERE, NOWHERE])
    expect((await cells.operate('enable', credentials.username)).code).to.equal(0)
    expect([await cells.statuses(client), await logIns()]).to.deep.equal([NOWHERE, EVERYWHERE])
    const again = cells.client(1)
    await again.post('/api/login', credentials)
    expect((await cells.operate('end-sessions', credentials.username)).code).to.equal(0)
    expect(await cells.statuses(again)).to.deep.equal(NOWHERE)
  })
})

describe(`three cells whose clocks differ by up to a minute (${NO_CLUSTER})`, () => {
  needCluster()
  const IDLE = 1800 * 1000
  const ABSOLUTE = 43_200 * 1000
  const [SLOW, MIDDLE, FAST] = [0, 1, 2] as const
  let cells: ClusteredCells

  before(async () => {
    cells = await ClusteredCells.start(3)
    const now = Date.now()
    for (const [index, ahead] of [0, MINUTE / 2, MINUTE].entries()) clockAt(index)?.advanceTo(now + ahead)
  })
  after(() => cells?.stop())

  const clockAt = (index: number): ReturnType<typeof clockOf> | undefined => {
    const cell = cells.cells[index]
    return cell && clockOf(cell.plasma)
  }
  /** Lets time pass at all of them. */
  const pass = (milliseconds: number): void => {
    for (const index of cells.cells.keys()) {
      const clock = clockAt(index)
      clock?.advanceTo(clock.now() + milliseconds)
    }
  }
  const statusAt = async (index: number, client: Client): Promise<number> =>
    (await client.copy(cells.addresses[index]).get('/api/me')).status
  const SECONDS = 1000

  for (const [at, name] of [
    [SLOW, 'slow'],
    [FAST, 'fast'],
  ] as const) {
    it(`keep a session from the ${name} one alive while it is used, and end it a minute too early or late at most`, async () => {
      const client = cells.client(at)
      await client.registerAndLogIn()
      for (const index of [FAST, SLOW, MIDDLE, SLOW, FAST, SLOW]) {
        expect(await cells.statuses(client)).to.deep.equal(EVERYWHERE)
        pass(IDLE - MINUTE - 30 * SECONDS)
        expect(await statusAt(index, client), 'before it expires').to.equal(200)
      }
      pass(IDLE + MINUTE + 30 * SECONDS)
      for (const index of [SLOW, MIDDLE, FAST]) expect(await statusAt(index, client), 'after').to.equal(401)
    })

    it(`end a session from the ${name} one after its longest life, used or not`, async () => {
      const client = cells.client(at)
      await client.registerAndLogIn()
      const step = IDLE / 2
      let passed = 0
      for (; passed + step < ABSOLUTE - MINUTE; passed += step) {
        pass(step)
        expect(await cells.statuses(client), `after ${passed + step} ms`).to.deep.equal(EVERYWHERE)
      }
      pass(ABSOLUTE + MINUTE + 30 * SECONDS - passed)
      expect(await cells.statuses(client)).to.deep.equal(NOWHERE)
    })
  }

  it('end sessions from the future: a logout and a new password at the slow one', async () => {
    const [one, other] = [cells.client(FAST), cells.client(FAST)]
    const { username, password } = await one.registerAndLogIn()
    await other.post('/api/login', { username, password })
    const change = { currentPassword: password, newPassword: 'battery horse staple' }
    const changing = one.copy(cells.addresses[SLOW])
    expect((await changing.post('/api/password', change)).status).to.equal(204)
    for (const ended of [one, other]) expect(await cells.statuses(ended)).to.deep.equal(NOWHERE)
    expect(await cells.statuses(changing)).to.deep.equal(EVERYWHERE)
    expect((await changing.post('/api/logout')).status).to.equal(204)
    expect(await cells.statuses(changing)).to.deep.equal(NOWHERE)
  })

  it('admit no more than one guess each after the last free one', async () => {
    const credentials = newCredentials()
    await cells.client().post('/api/register', credentials)
    const wrong = { ...credentials, password: 'wrong password' }
    let judged = 0
    for (let round = 0; round < 20; round += 1) {
      for (const index of [SLOW, MIDDLE, FAST])
        judged += (await cells.client(index).post('/api/login', wrong)).status === 401 ? 1 : 0
    }
    expect(judged).to.be.within(10, 12)
  })
})
