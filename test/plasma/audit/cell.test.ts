import { expect } from 'chai'
import { AuditedCell, type Person } from '../../support/audited-cell'
import { newCredentials } from '../../support/client'
import { handleOf } from '../../support/shared-cells'

const NEW = 'staple horse battery'
const OTHER_SITE = { origin: 'http://evil.example' }
const success = (event: string): object => ({ level: 'info', event, outcome: 'success' })
const failed = (reason: string, event = 'SessionLoginFailed'): object => ({
  level: 'warn',
  event,
  outcome: 'failure',
  reason,
})
describe('the audit log of a cell', () => {
  const cell = new AuditedCell()
  let ada: Person

  before(() => cell.start())
  beforeEach(async () => {
    ada = await cell.person()
  })
  after(() => cell.stop())

  const changePassword = (currentPassword: string, newPassword = NEW): Promise<unknown> =>
    ada.post('/api/password', { currentPassword, newPassword })

  const own = (): object => ({ ownerId: ada.owner.id })
  const rows: [what: string, work: () => unknown, line: () => object][] = [
    ['a login', () => ada.logIn(), () => ({ ...success('SessionLogin'), ...own(), session: handleOf(ada.home) })],
    [
      'a wrong password',
      () => ada.logIn({ password: 'a guess' }),
      () => ({ ...failed('INVALID_CREDENTIALS'), ...own() }),
    ],
    ['an unknown name', () => ada.logIn(newCredentials()), () => failed('INVALID_CREDENTIALS')],
    ['no credentials', () => ada.logIn({ password: 5 }), () => failed('INVALID_CREDENTIALS_SHAPE')],
    [
      'another site',
      () => ada.post('/api/login', {}, OTHER_SITE),
      () => ({ level: 'warn', event: 'RequestRefused', outcome: 'denied', reason: 'CROSS_ORIGIN' }),
    ],
  ]
  for (const [what, work, line] of rows) {
    it(`has one line for ${what} (OWASP ASVS 16.3.1)`, async () => {
      expect(await cell.written(work)).to.deep.equal([{ ...line(), ...ada.where }])
    })
  }

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
    const reasons = ['INVALID_PASSWORD_CHANGE', 'CURRENT_PASSWORD_WRONG']
    const expected = reasons.map((reason) => ({ ...failed(reason, 'PasswordChangeFailed'), ...own(), ...ada.where }))
    expect(lines).to.deep.equal(expected)
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
    const hashes = owners.map(({ password_hash }) => password_hash?.split('$').at(-1) ?? '')
    const stored = [...hashes, ...owners.flatMap(({ security_stamp, own_name }) => [security_stamp, own_name])]
    const secrets = [typed, wrong, next, ada.owner.password, cookie, id, signature, '$argon2', ...stored]
    for (const secret of secrets.filter(Boolean)) expect(cell.log.text).not.to.contain(secret)
  })
})
