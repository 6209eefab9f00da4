import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { database } from '../../../context/sql'
import { PasswordHasher } from '../../../context/owners/passwords'
import { newCredentials } from '../../support/client'
import { hashesDuring } from '../../support/hashes'
import { ownerRow } from '../../support/owner-row'
import { Pipeline } from '../../support/pipeline'
import { ROOT } from '../../support/project'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'
import { LIMITS, startThrottledCell, type ClientAt, type ThrottledCell } from '../../support/throttled-cell'
import { TrustPoint } from '../../support/trust-point'
import { until } from '../../support/until'

const SHIPPED = JSON.parse(readFileSync(join(ROOT, 'dna/plasma/throttle.json'), 'utf8')) as typeof LIMITS
const PASSWORD = 'correct horse battery'
const LARGE = `module.exports = function (plasma) {
  plasma.on('ExpressServer', ({ data: app }) => { app.get('/large', (req, res) => { res.end(Buffer.alloc(64_000_000)) }) })
}`

describe('one address that sends much at once, at a cell as it is shipped', function () {
  this.timeout(120_000)
  let cell: ThrottledCell
  let passwordHash = ''

  before(async () => {
    const { account, address, registration } = SHIPPED
    const folder = temporaryFolder()
    writeFiles(folder, { 'large.js': LARGE })
    cell = await startThrottledCell(
      { account, address, registration, exempt: ['203.0.113.7'] },
      { large: { source: join(folder, 'large.js') } },
    )
    passwordHash = await new PasswordHasher().hash(PASSWORD)
  })
  after(() => cell.stop())

  /** Owners without the time that their hashes take. @returns their names */
  async function owners(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, () => newCredentials().username)
    for (const name of names)
      await database()
        .insertInto('owners')
        .values({ ...ownerRow(crypto.randomUUID(), name), password_hash: passwordHash })
        .execute()
    return names
  }

  const count = (statuses: number[], status: number): number => statuses.filter((each) => each === status).length

  it('shuts nobody else out with right passwords: 30 accounts of its own, ten logins each (OWASP ASVS 6.3.1)', async () => {
    const names = await owners(30)
    const home = cell.stranger()
    const owner = await home.register()
    const { from } = cell.stranger()
    const storm = names.map((username) =>
      new Pipeline(cell.address).send(10, '/api/login', { username, password: PASSWORD }, from),
    )
    const mine: number[] = []
    for (let login = 0; login < 3; login += 1) mine.push(await home.logIn(owner))
    expect(mine).to.deep.equal([200, 200, 200])
    const statuses = (await Promise.all(storm.map((pipeline) => pipeline.statuses(10)))).flat()
    for (const pipeline of storm) pipeline.hangUp()
    expect([count(statuses, 200) + count(statuses, 429), count(statuses, 429) > 100]).to.deep.equal([300, true])
    // None of its points is left behind.
    expect(await cell.at(from).logIn({ username: names[0], password: PASSWORD })).to.equal(200)
  })

  it('is not bounded where it is exempt', async () => {
    const [username = ''] = await owners(1)
    const logins = Array.from({ length: 25 }, () => cell.at('203.0.113.7').logIn({ username, password: PASSWORD }))
    expect(count(await Promise.all(logins), 200)).to.equal(25)
  })

  it('stalls nobody with registrations of a taken name: few cost a hash, and all are answered', async () => {
    const { username } = await cell.stranger().register()
    const { from } = cell.stranger()
    const pipelines = Array.from({ length: 16 }, () => new Pipeline(cell.address))
    let statuses: number[] = []
    const { started } = await hashesDuring(async () => {
      for (const pipeline of pipelines) pipeline.send(30, '/api/register', { username, password: PASSWORD }, from)
      statuses = (await Promise.all(pipelines.map((pipeline) => pipeline.statuses(30)))).flat()
    })
    for (const pipeline of pipelines) pipeline.hangUp()
    expect(count(statuses, 409) + count(statuses, 429)).to.equal(480)
    expect(count(statuses, 409)).to.be.within(1, SHIPPED.registration.failures)
    expect(started).to.be.at.most(SHIPPED.registration.failures)
    expect((await cell.stranger().post('/api/register', newCredentials())).status).to.equal(201)
  })

  it('keeps nothing of what it pipelines and never reads: an account is free for others at once (OWASP ASVS 6.3.1)', async () => {
    const [username = ''] = await owners(1)
    const pipeline = new Pipeline(cell.address)
    const { from } = cell.stranger()
    const account = SHIPPED.account.failures
    // More than the socket takes, so that no answer after it gets out.
    pipeline
      .pause()
      .send(1, '/large', undefined, from)
      .send(account - 1, '/api/login', { username, password: 'a wrong guess' }, from)
    await until(async () => (await pointsOf(account - 1)).length > 0)
    // The guesses count, and the last that is free is anybody's.
    expect(await cell.stranger().logIn({ username, password: PASSWORD })).to.equal(200)
    expect(await cell.stranger().logIn({ username, password: PASSWORD })).to.equal(200)
    pipeline.hangUp()
  })
})

describe('attempts that are under way', function () {
  this.timeout(120_000)
  /** Logins that the trust point has not answered yet. */
  const held: ServerResponse[] = []
  let users: TrustPoint
  let cell: ThrottledCell

  before(async () => {
    users = await TrustPoint.start((_req, res) => held.push(res))
    const many = { account: { ...LIMITS.account, failures: 1000 }, address: { ...LIMITS.address, failures: 1000 } }
    cell = await startThrottledCell(many, {
      sessions: { remoteLoginEndpoint: users.endpoint, remoteTimeout: 60_000, remoteFailures: 1000 },
    })
  })
  after(async () => {
    await cell.stop()
    await users.stop()
  })

  const isRefused = async (from: ClientAt): Promise<boolean> => {
    const { status, headers } = await from.post('/api/login', {})
    expect(status).to.be.oneOf([400, 429])
    return status === 429 && headers.get('retry-after') === '1'
  }

  async function answerAll(): Promise<void> {
    for (const res of held.splice(0)) res.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    return Promise.resolve()
  }

  it('are bounded at an address that is known, too, and at no other (OWASP ASVS 6.3.1)', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    const guesses = Array.from({ length: LIMITS.address.underWay }, () => cell.at(home.from).guess(owner.username, 1))
    await until(() => held.length === LIMITS.address.underWay)
    expect([await isRefused(home), await home.logIn(owner)]).to.deep.equal([true, 429])
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    await answerAll()
    expect(new Set((await Promise.all(guesses)).flat())).to.deep.equal(new Set([401]))
    expect(await home.logIn(owner)).to.equal(200)
  })

  it('are so until their work is done: hanging up makes no room for more', async () => {
    const from = cell.stranger()
    const pipelines = Array.from({ length: LIMITS.address.underWay }, () => {
      return new Pipeline(cell.address).send(1, '/api/login', newCredentials(), from.from)
    })
    await until(() => held.length === LIMITS.address.underWay)
    for (const pipeline of pipelines) pipeline.hangUp()
    for (let tries = 0; tries < 20; tries += 1) expect(await isRefused(from)).to.equal(true)
    await answerAll()
    await until(async () => !(await isRefused(from)))
  })

  it('count as wrong passwords when somebody hangs up, and keep nobody else out (OWASP ASVS 6.3.1)', async () => {
    const owner = await cell.stranger().register()
    const pipeline = new Pipeline(cell.address).send(
      3,
      '/api/login',
      { username: owner.username, password: 'a wrong guess' },
      cell.stranger().from,
    )
    await until(() => held.length === 3)
    pipeline.hangUp()
    const counted = (await pointsOf(3)).length
    expect(counted).to.be.at.least(1)
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    await answerAll()
    // The right one has given its own point back, and no other.
    expect(await cell.stranger().logIn(owner)).to.equal(200)
    expect(await pointsOf(3)).to.have.length(counted)
  })
})

/** The keys that have so many points. */
function pointsOf(points: number): Promise<object[]> {
  return database().selectFrom('throttles').select('key').where('points', '=', points).execute()
}
