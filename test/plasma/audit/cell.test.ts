import { expect } from 'chai'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { AuditedCell, type Person } from '../../support/audited-cell'
import { newCredentials } from '../../support/client'
import { handleOf } from '../../support/shared-cells'
import { keepWarnings } from '../../support/warnings'

const NEW = 'staple horse battery'
const OTHER_SITE = { origin: 'http://evil.example' }
const success = (event: string): object => ({ level: 'info', event, outcome: 'success' })
const failure = (event: string): object => ({ level: 'warn', event, outcome: 'failure' })
const denied = (event: string): object => ({ level: 'warn', event, outcome: 'denied' })

describe('the audit log of a cell', () => {
  const warnings = keepWarnings()
  const cell = new AuditedCell()
  let ada: Person

  before(() => cell.start())
  beforeEach(async () => {
    ada = await cell.person()
  })
  after(() => cell.stop())

  /** Disables an owner as the operator does, but their sessions stay. */
  const disable = ({ owner }: Person): Promise<unknown> =>
    cell.database.query.updateTable('owners').set({ disabled_at: 1 }).where('id', '=', owner.id).execute()
  const changePassword = (currentPassword: string, newPassword = NEW): Promise<unknown> =>
    ada.post('/api/password', { currentPassword, newPassword })
  const actFor = (person: Person): Promise<unknown> =>
    person.post('/api/login', { appname: 'billing', password: 'app secret', ownerId: person.owner.id })

  type Row = [what: string, work: () => unknown, lines: () => object[]]
  const rows: Row[] = [
    [
      'a login',
      () => ada.logIn(),
      () => [{ ...success('SessionLogin'), ownerId: ada.owner.id, session: handleOf(ada.home) }],
    ],
    [
      'a wrong password, with whose',
      () => ada.logIn({ password: 'a guess' }),
      () => [{ ...failure('SessionLoginFailed'), ownerId: ada.owner.id, reason: 'INVALID_CREDENTIALS' }],
    ],
    [
      'an unknown name',
      () => ada.logIn(newCredentials()),
      () => [{ ...failure('SessionLoginFailed'), reason: 'INVALID_CREDENTIALS' }],
    ],
    [
      'credentials that are none',
      () => ada.logIn({ password: 5 }),
      () => [{ ...failure('SessionLoginFailed'), reason: 'INVALID_CREDENTIALS_SHAPE' }],
    ],
    [
      'a request of another site',
      () => ada.post('/api/login', ada.owner, OTHER_SITE),
      () => [{ ...denied('RequestRefused'), reason: 'CROSS_ORIGIN' }],
    ],
  ]
  for (const [what, work, lines] of rows) {
    it(`has one line for ${what} (OWASP ASVS 16.3.1)`, async () => {
      const written = await cell.written(work)
      expect(written).to.deep.equal(lines().map((line) => ({ ...line, ...ada.where })))
    })
  }

  it('has a line for a registration (OWASP ASVS 16.3.1)', async () => {
    let person = ada
    const lines = await cell.written(async () => (person = await cell.person()))
    const { address } = person.where
    expect(lines).to.deep.equal([{ ...success('OwnerRegistered'), ownerId: person.owner.id, address, agent: 'node' }])
  })

  it('has a line for a logout, and none if nobody was logged in (OWASP ASVS 16.3.1)', async () => {
    await ada.logIn()
    const line = { ...success('SessionLogout'), ownerId: ada.owner.id, session: handleOf(ada.home), ...ada.where }
    expect(await cell.written(() => ada.post('/api/logout'))).to.deep.equal([line])
    expect(await cell.written(() => ada.post('/api/logout'))).to.deep.equal([])
  })

  it('has a line for each session that ends elsewhere, with why (OWASP ASVS 16.3.1)', async () => {
    const ended = { ...success('SessionLogout'), ownerId: ada.owner.id, ...ada.where }
    for (const [reason, end] of [
      ['ENDED_BY_OWNER', () => ada.send('DELETE', '/api/sessions')],
      ['CREDENTIALS_CHANGED', () => changePassword(ada.owner.password)],
    ] as const) {
      const there = ada.elsewhere(cell.stranger())
      await there.logIn()
      await ada.logIn()
      const lines = await cell.written(end)
      expect(lines).to.deep.include({ ...ended, reason, session: handleOf(there.home) })
      expect(lines).to.have.length(reason === 'ENDED_BY_OWNER' ? 1 : 2)
      if (lines.length === 2) expect(JSON.stringify(lines)).to.contain('"event":"PasswordChanged","outcome":"success"')
    }
  })

  it('has a line for a password that is not changed, with why (OWASP ASVS 16.3.1)', async () => {
    await ada.logIn()
    const lines = await cell.written(async () => {
      await changePassword('a guess', 'short')
      await changePassword('a guess')
    })
    const failed = { ...failure('PasswordChangeFailed'), ownerId: ada.owner.id, ...ada.where }
    const reasons = ['INVALID_PASSWORD_CHANGE', 'CURRENT_PASSWORD_WRONG']
    expect(lines).to.deep.equal(reasons.map((reason) => ({ ...failed, reason })))
  })

  it('has a line for each attempt that is throttled, with the seconds to wait (OWASP ASVS 16.3.1)', async () => {
    const guesser = ada.elsewhere(cell.stranger())
    await guesser.logIn({ password: 'a guess' })
    const [line, ...others] = await cell.written(() => guesser.logIn())
    expect([line, others]).to.deep.equal([{ ...denied('LoginThrottled'), retryAfter: 60, ...guesser.where }, []])
  })

  it('says which application acted or was denied (OWASP ASVS 8.3.3)', async () => {
    const lines = await cell.written(async () => {
      await actFor(ada)
      await changePassword('a guess')
      await ada.post('/api/logout')
      await actFor(ada)
      await disable(ada)
      await ada.send('GET', '/api/me')
    })
    const events = ['SessionLogin', 'PasswordChangeFailed', 'SessionLogout', 'SessionLogin', 'SessionDenied']
    expect(lines.map((line) => (line as { event: string }).event)).to.deep.equal(events)
    for (const line of lines) expect(line).to.include({ ownerId: ada.owner.id, actor: 'app-1', ...ada.where })
    expect(lines.at(-1)).to.include({ outcome: 'denied', reason: 'OWNER_NOT_FOUND' })
  })

  it('has no line for requests that log nobody in or out', async () => {
    await ada.logIn()
    const lines = await cell.written(async () => {
      for (const path of ['/api/me', '/', '/api/sessions', '/nothing']) await ada.send('GET', path)
      await cell.stranger().get('/api/me')
    })
    expect(lines).to.deep.equal([])
  })

  it('has no password, cookie, session id, hash, stamp or name, nor what was typed as a name (OWASP ASVS 16.2.5)', async () => {
    const typed = `typed-${crypto.randomUUID()}`
    const [wrong, next] = ['a-wrong-guess-1', 'a-new-password-2']
    const lines = await cell.written(async () => {
      await ada.logIn()
      await changePassword(wrong, next)
      await changePassword(typed, typed)
      await ada.post('/api/login', { username: typed, password: wrong })
      await ada.post('/api/login', { username: [typed], password: typed, [typed]: typed })
      await ada.post('/api/login', { appname: typed, password: typed, ownerId: typed })
      await ada.post('/api/login', { ...ada.owner, remember: typed }, OTHER_SITE)
      await changePassword(ada.owner.password, next)
    })
    expect(lines.length).to.be.at.least(7)
    const cookie = ada.home.cookies.get('id') ?? expect.fail('no cookie')
    const [id = '', signature = ''] = decodeURIComponent(cookie).replace(/^s:/, '').split('.')
    expect(id).to.have.length.of.at.least(32)
    const owners = await cell.database.query.selectFrom('owners').selectAll().execute()
    const stored = owners.flatMap((row) => [
      row.password_hash?.split('$').at(-1) ?? '',
      row.security_stamp,
      row.own_name,
    ])
    const secrets = [typed, wrong, next, ada.owner.password, 'app secret', cookie, id, signature, '$argon2', ...stored]
    for (const secret of secrets.filter(Boolean)) expect(cell.log.text).not.to.contain(secret)
  })

  it('has one line for a request, whatever bytes are in its headers (OWASP ASVS 16.4.1)', async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => byte === 9 || (byte > 31 && byte !== 127),
    )
    const post = async (agent: Buffer): Promise<void> => {
      const socket = connect(Number(new URL(ada.home.address).port), '127.0.0.1')
      const headers = 'Host: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\nContent-Length: 0'
      socket.write(`POST /api/login HTTP/1.1\r\n${headers}\r\nUser-Agent: `)
      socket.write(Buffer.concat([agent, Buffer.from('\r\n\r\n')]))
      await textOf(socket)
    }
    const lines = await cell.written(() => post(Buffer.from([...bytes, ...Buffer.from(' \u2028\u202e{"event":"x"}')])))
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ ...denied('RequestRefused'), address: '127.0.0.1' })
    for (const agent of ['x\nX-Y: z', 'x\ry', 'x\0y']) await post(Buffer.from(agent))
    expect(cell.log.text).not.to.contain('X-Y')
  })

  it('is not changed by a reaction of your own that throws, rejects, fails or never ends, nor are answers', async () => {
    const event = 'SessionLogin'
    const reactions = [
      (_chemical: object): unknown => {
        throw new Error('mine')
      },
      (_chemical: object): unknown => Promise.reject(new Error('mine')),
      (_chemical: object, next: (error: unknown) => void): unknown => {
        next(new Error('mine'))
        return undefined
      },
      (_chemical: object, _next: unknown): unknown => undefined,
    ]
    for (const [index, reaction] of reactions.entries()) {
      warnings.length = 0
      cell.plasma.on(event, reaction)
      const lines = await cell.written(async () => {
        expect((await ada.logIn()).status).to.equal(200)
      })
      cell.plasma.off(event, reaction)
      expect(lines).to.have.length(1)
      expect(warnings).to.deep.equal(index < 3 ? [`a reaction to ${event} failed: mine`] : [])
    }
  })
})
