import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog } from '../../support/audit-log'
import { AuditedCell, type Person } from '../../support/audited-cell'

describe('the audit log', () => {
  const cell = new AuditedCell()
  let ada: Person

  before(() => cell.start())
  beforeEach(async () => {
    ada = await cell.person()
  })
  after(() => cell.stop())

  it('has no password: neither a right, a wrong, an old nor a new one (OWASP ASVS 16.2.5)', async () => {
    const passwords = ['a-wrong-guess-1', 'a-new-password-2', 'an-app-secret-3', 'short-4']
    const [wrong, next, app, short] = passwords
    await ada.logIn()
    await ada.post('/api/password', { currentPassword: wrong, newPassword: next })
    await ada.post('/api/password', { currentPassword: ada.owner.password, newPassword: short?.slice(0, 7) })
    await ada.post('/api/password', { currentPassword: ada.owner.password, newPassword: next })
    await ada.post('/api/login', { appname: 'billing', password: app, ownerId: ada.owner.id })
    await ada.elsewhere(cell.stranger()).logIn({ password: wrong })
    await ada.elsewhere(cell.stranger()).logIn({ password: wrong })
    await ada.post('/api/login', { username: 'nobody', password: next }, { origin: 'http://evil.example' })
    expect(cell.log.lines.length).to.be.at.least(8)
    for (const secret of [...passwords, 'short-', ada.owner.password]) expect(cell.log.text).not.to.contain(secret)
  })

  it('has nothing of what was typed into the field of a name: it may be a password (OWASP ASVS 16.2.5)', async () => {
    const typed = `my-password-${crypto.randomUUID()}`
    const lines = await cell.written(async () => {
      await ada.post('/api/login', { username: typed, password: 'whatever it is' })
      await ada.post('/api/login', { username: typed, password: 'whatever it is' })
      await ada.post('/api/login', { username: [typed], password: typed })
      await ada.post('/api/login', { appname: typed, password: typed, ownerId: typed })
      await ada.post('/api/login', { [typed]: typed })
      await ada.post('/api/login', { username: ada.owner.username, password: typed, remember: typed })
      await ada.post('/api/password', { currentPassword: typed, newPassword: typed, [typed]: typed })
    })
    expect(lines.length).to.be.at.least(5)
    expect(JSON.stringify(lines))
      .not.to.contain(typed)
      .and.not.to.contain('my-password')
      .and.not.to.contain(ada.owner.username)
  })

  it('has no cookie, no session id and no secret of a cookie, but the handle that lists of sessions have (OWASP ASVS 16.2.5)', async () => {
    let cookie = ''
    const lines = await cell.written(async () => {
      await ada.logIn()
      await ada.logIn()
      cookie = ada.home.cookies.get('id') ?? ''
      await ada.post('/api/logout')
    })
    await ada.logIn()
    const { body } = await ada.send('GET', '/api/sessions')
    expect(body).to.have.nested.property('[0].id')
    const [id = '', signature = ''] = decodeURIComponent(ada.home.cookies.get('id') ?? '')
      .replace(/^s:/, '')
      .split('.')
    expect(id).to.have.length.of.at.least(32)
    expect(cell.log.text).to.contain((body as { id: string }[])[0]?.id)
    for (const secret of [cookie, ada.home.cookies.get('id') ?? '', id, signature, encodeURIComponent(signature)])
      expect(cell.log.text).not.to.contain(secret)
    expect(lines).to.have.length(3)
  })

  it('has no hash of a password, no security stamp and no name (OWASP ASVS 16.2.5)', async () => {
    await ada.logIn()
    await ada.post('/api/password', { currentPassword: ada.owner.password, newPassword: 'staple horse battery' })
    const { text } = cell.log
    expect(text).to.contain(ada.owner.id).and.not.to.contain('$argon2').and.not.to.contain(ada.owner.username)
    const stored = await cell.database.query.selectFrom('owners').select(['password_hash', 'security_stamp']).execute()
    for (const { password_hash, security_stamp } of stored) {
      expect(text).not.to.contain(password_hash?.split('$').at(-1)).and.not.to.contain(security_stamp)
    }
  })
})

describe('what a chemical has besides the facts of a line', () => {
  for (const extra of [
    { password: 'secret-1' },
    { credentials: { username: 'ada', password: 'secret-1' } },
    { headers: { cookie: 'id=secret-1' } },
    { owner: { password_hash: 'secret-1' } },
    { actor: { id: 'app-1', password: 'secret-1' } },
    { error: { message: 'secret-1', stack: 'secret-1' } },
    { msg: 'secret-1' },
    { level: 'secret-1' },
    { hostname: 'secret-1', pid: 'secret-1' },
    { toJSON: (): string => 'secret-1' },
  ]) {
    it(`is not written, now or one day (OWASP ASVS 16.2.5): ${Object.keys(extra).join()}`, async () => {
      const log = new AuditLog()
      const plasma: Organic.Plasma = new EventBus()
      audit(plasma, { destination: log.file })
      await plasma.emit({ type: 'SessionLogin', time: 0, ownerId: 'ada', ...extra })
      expect(log.lines).to.have.length(1)
      expect(log.lines[0]).to.include({
        level: 'info',
        time: '1970-01-01T00:00:00.000Z',
        event: 'SessionLogin',
        outcome: 'success',
        ownerId: 'ada',
      })
      expect(log.text).not.to.contain('secret-1')
    })
  }
})
