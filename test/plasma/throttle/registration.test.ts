import { expect } from 'chai'
import { newCredentials } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { FREE, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'

const LIMIT = 4

describe('registrations', () => {
  const clock = stoppedClock()
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell({
      registration: { failures: LIMIT, firstWaitSeconds: 60, longestWaitSeconds: 240, forgetSeconds: 3600 },
      exempt: ['203.0.113.7'],
    })
  })
  after(() => cell.stop())

  async function register(
    from: ClientAt,
    count: number,
    credentials: () => object = newCredentials,
  ): Promise<number[]> {
    const statuses: number[] = []
    for (let done = 0; done < count; done += 1) statuses.push((await from.post('/api/register', credentials())).status)
    return statuses
  }

  it('are limited by address, and say when to come back (OWASP ASVS 6.3.1)', async () => {
    const from = cell.stranger()
    expect(await register(from, LIMIT + 1)).to.deep.equal([201, 201, 201, 201, 429])
    const { headers, body } = await from.post('/api/register', newCredentials())
    expect(headers.get('retry-after')).to.equal('60')
    expect(body).to.include({ status: 429, code: 'TOO_MANY_ATTEMPTS' })
    clock.pass(60_000)
    expect(await register(from, 2)).to.deep.equal([201, 429])
    expect(await register(cell.stranger(), 1)).to.deep.equal([201])
  })

  it('of names that are taken count alike: nobody asks for many names (OWASP ASVS 6.3.8)', async () => {
    const { username, password } = await cell.stranger().register()
    const from = cell.stranger()
    expect(await register(from, LIMIT + 1, () => ({ username, password }))).to.deep.equal([409, 409, 409, 409, 429])
    expect(await register(from, 1)).to.deep.equal([429])
  })

  it('by a form count alike', async () => {
    const from = cell.stranger()
    const statuses: number[] = []
    for (let count = 0; count < LIMIT + 1; count += 1)
      statuses.push((await from.submit('/api/register', newCredentials())).status)
    expect(statuses).to.deep.equal([303, 303, 303, 303, 429])
  })

  it('that are none do not count', async () => {
    const from = cell.stranger()
    const { username } = newCredentials()
    expect(new Set(await register(from, LIMIT * 2, () => ({ username, password: 'short' })))).to.deep.equal(
      new Set([400]),
    )
    expect(await register(from, LIMIT)).to.deep.equal([201, 201, 201, 201])
  })

  it('keep nobody from logging in, and logins nobody from registering', async () => {
    const from = cell.stranger()
    await register(from, LIMIT + 1)
    const owner = await cell.stranger().register()
    expect(await from.logIn(owner)).to.equal(200)
    const guesser = cell.stranger()
    for (let count = 0; count < FREE.address; count += 1) await guesser.logIn(newCredentials())
    expect([await guesser.logIn(newCredentials()), ...(await register(guesser, 1))]).to.deep.equal([429, 201])
  })

  it('are not limited where the address is exempt', async () => {
    expect(new Set(await register(cell.at('203.0.113.7'), LIMIT * 2))).to.deep.equal(new Set([201]))
  })
})
