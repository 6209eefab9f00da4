import { expect } from 'chai'
import { database } from '../../../context/sql'
import { newCredentials, type Answer } from '../../support/client'
import { stoppedClock } from '../../support/clock'
import { FREE, startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'

describe('who is throttled', () => {
  const clock = stoppedClock()
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell()
  })
  after(() => cell.stop())

  it('is told so in a problem document, and when to come back (OWASP ASVS 6.3.1)', async () => {
    const { username } = newCredentials()
    await cell.stranger().guess(username, FREE.account)
    const { status, headers, body } = await cell.stranger().post('/api/login', { username, password: 'a guess' })
    expect(status).to.equal(429)
    expect(headers.get('content-type')).to.match(/^application\/problem\+json\b/)
    expect(body).to.deep.equal({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      code: 'TOO_MANY_ATTEMPTS',
      detail: 'Too many attempts. Try again later.',
    })
    expect(headers.get('retry-after')).to.equal('60')
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(headers.getSetCookie()).to.deep.equal([])
  })

  it('is told on a page in a browser', async () => {
    const { username } = newCredentials()
    await cell.stranger().guess(username, FREE.account)
    const { status, headers, text } = await cell.stranger().submit('/api/login', { username, password: 'a guess' })
    expect(status).to.equal(429)
    expect(headers.get('content-type')).to.match(/^text\/html\b/)
    expect(headers.get('retry-after')).to.equal('60')
    expect(text).to.contain('Too many attempts.').and.not.to.contain(username)
  })

  it('is told whole seconds, rounded up, and never none', async () => {
    const { username } = newCredentials()
    await cell.stranger().guess(username, FREE.account)
    const told: unknown[] = []
    for (const passed of [1, 500, 58_498, 1000]) {
      clock.pass(passed)
      const { status, headers } = await cell.stranger().post('/api/login', { username, password: 'a guess' })
      expect(status).to.equal(429)
      told.push(headers.get('retry-after'))
    }
    expect(told).to.deep.equal(['60', '60', '2', '1'])
    clock.pass(1)
    expect(await cell.stranger().guess(username, 2)).to.deep.equal([401, 429])
  })

  it('waits twice as long each time, up to the longest', async () => {
    const { username } = newCredentials()
    await cell.stranger().guess(username, FREE.account)
    const waits: number[] = []
    for (let round = 0; round < 5; round += 1) {
      const { headers } = await cell.stranger().post('/api/login', { username, password: 'a guess' })
      waits.push(Number(headers.get('retry-after')))
      clock.pass((waits.at(-1) ?? 0) * 1000)
      expect(await cell.stranger().guess(username, 1)).to.deep.equal([401])
    }
    expect(waits).to.deep.equal([60, 120, 240, 240, 240])
  })

  it('is told the same, byte for byte, of an account that is unknown, known or disabled (OWASP ASVS 6.3.8)', async () => {
    const unknown = newCredentials()
    const known = await cell.stranger().register()
    const disabled = await cell.stranger().register()
    await database().updateTable('owners').set({ disabled_at: 1 }).where('own_name', '=', disabled.username).execute()
    const told = []
    for (const { username, password } of [unknown, known, disabled]) {
      const answers: Answer[] = []
      for (let count = 0; count < FREE.account + 2; count += 1)
        answers.push(await cell.stranger().post('/api/login', { username, password: 'a guess' }))
      answers.push(await cell.stranger().post('/api/login', { username, password }))
      clock.pass(60_000)
      answers.push(await cell.stranger().post('/api/login', { username, password: 'a guess' }))
      answers.push(await cell.stranger().post('/api/login', { username, password }))
      told.push(answers.map(bytesOf))
    }
    expect(told[0]?.map(({ status }) => status)).to.deep.equal([401, 401, 401, 429, 429, 429, 401, 429])
    expect(told[1]).to.deep.equal(told[0])
    expect(told[2]).to.deep.equal(told[0])
  })

  it('is told once for each attempt that it was throttled, with where from, and nobody for others', async () => {
    const { username, password } = await cell.stranger().register()
    const told: Organic.Chemical[] = []
    cell.plasma.on('LoginThrottled', (chemical: Organic.Chemical) => told.push(chemical))
    const guesser = cell.stranger()
    await guesser.guess(username, FREE.account + 1)
    await cell.stranger().post('/api/login', { username, password }, { 'user-agent': 'Guesser/1.0' })
    expect(told.map(({ address, agent, retryAfter }): unknown[] => [address, agent, retryAfter])).to.deep.equal([
      [guesser.from, 'node', 60],
      [told[1]?.['address'], 'Guesser/1.0', 60],
    ])
    expect(JSON.stringify(told))
      .not.to.contain(username)
      .and.not.to.contain(password)
      .and.not.to.contain('guess number')
    for (const { time } of told) expect(time).to.equal(Date.now())
  })
})

/** All that a client can see of an answer, but for the time. */
function bytesOf({ status, headers, text }: Answer): { status: number; headers: string[][]; text: string } {
  return { status, headers: [...headers].filter(([name]) => name !== 'date'), text }
}
