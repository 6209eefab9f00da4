import { expect } from 'chai'
import { AuditedCell, type Person } from '../../support/audited-cell'
import { newCredentials } from '../../support/client'
import { handleOf } from '../../support/shared-cells'

const NEW = 'staple horse battery'
const OTHER_SITE = { origin: 'http://evil.example' }

describe('the audit log', () => {
  const cell = new AuditedCell()
  let ada: Person
  const written = (work: () => unknown): Promise<object[]> => cell.written(work)

  before(() => cell.start())
  beforeEach(async () => {
    ada = await cell.person()
  })
  after(() => cell.stop())

  it('has a line for a registration (OWASP ASVS 16.3.1)', async () => {
    let id: unknown
    const lines = await written(
      async () => (id = ((await ada.post('/api/register', newCredentials())).body as { id: unknown }).id),
    )
    expect(lines).to.deep.equal([
      { level: 'info', event: 'OwnerRegistered', outcome: 'success', ownerId: id, ...ada.where },
    ])
  })

  it('has a line for a login (OWASP ASVS 16.3.1)', async () => {
    const lines = await written(() => ada.logIn())
    const entered = { level: 'info', event: 'SessionLogin', outcome: 'success', ownerId: ada.owner.id, ...ada.where }
    expect(lines).to.deep.equal([{ ...entered, session: handleOf(ada.home) }])
  })

  it('has a line for a login that fails, with whose name was used where there is somebody (OWASP ASVS 16.3.1)', async () => {
    const gone = await cell.person()
    await cell.database.query.updateTable('owners').set({ disabled_at: 1 }).where('id', '=', gone.owner.id).execute()
    const failed = { level: 'warn', event: 'SessionLoginFailed', outcome: 'failure', reason: 'INVALID_CREDENTIALS' }
    expect(await written(() => ada.logIn({ password: 'a guess' }))).to.deep.equal([
      { ...failed, ownerId: ada.owner.id, ...ada.where },
    ])
    expect(await written(() => ada.logIn(newCredentials()))).to.deep.equal([{ ...failed, ...ada.where }])
    expect(await written(() => gone.logIn())).to.deep.equal([{ ...failed, ownerId: gone.owner.id, ...gone.where }])
  })

  for (const credentials of [{ password: 5 }, { remember: 'maybe' }, { ownerId: {} }]) {
    it(`has a line for credentials that are none: ${JSON.stringify(credentials)} (OWASP ASVS 16.3.1)`, async () => {
      const lines = await written(() => ada.logIn(credentials))
      const failed = {
        level: 'warn',
        event: 'SessionLoginFailed',
        outcome: 'failure',
        reason: 'INVALID_CREDENTIALS_SHAPE',
      }
      expect(lines).to.deep.equal([{ ...failed, ...ada.where }])
    })
  }

  it('has a line for a logout, and none where nobody was logged in (OWASP ASVS 16.3.1)', async () => {
    await ada.logIn()
    const session = handleOf(ada.home)
    const lines = await written(() => ada.post('/api/logout'))
    expect(lines).to.deep.equal([
      { level: 'info', event: 'SessionLogout', outcome: 'success', ownerId: ada.owner.id, session, ...ada.where },
    ])
    expect(await written(() => ada.post('/api/logout'))).to.deep.equal([])
  })

  it('has a line for each session that its owner ends from elsewhere, with why (OWASP ASVS 16.3.1)', async () => {
    const there = ada.elsewhere(cell.stranger())
    await there.logIn()
    await ada.logIn()
    const lines = await written(() => ada.send('DELETE', '/api/sessions'))
    const ended = {
      level: 'info',
      event: 'SessionLogout',
      outcome: 'success',
      ownerId: ada.owner.id,
      reason: 'ENDED_BY_OWNER',
    }
    expect(lines).to.deep.equal([{ ...ended, session: handleOf(there.home), ...ada.where }])
  })

  it('has a line for a denial, with why (OWASP ASVS 16.3.1)', async () => {
    await ada.logIn()
    const session = handleOf(ada.home)
    // As the operator does, but that the session stays.
    await cell.database.query.updateTable('owners').set({ disabled_at: 1 }).where('id', '=', ada.owner.id).execute()
    const lines = await written(() => ada.send('GET', '/api/me'))
    const denied = {
      level: 'warn',
      event: 'SessionDenied',
      outcome: 'denied',
      ownerId: ada.owner.id,
      reason: 'OWNER_NOT_FOUND',
    }
    expect(lines).to.deep.equal([{ ...denied, session, ...ada.where }])
  })

  it('has a line for each attempt that is throttled, with how long (OWASP ASVS 16.3.1)', async () => {
    const guesser = ada.elsewhere(cell.stranger())
    await guesser.logIn({ password: 'a guess' })
    const lines = await written(async () => {
      await guesser.logIn({ password: 'a guess' })
      await guesser.logIn()
    })
    expect(lines).to.have.length(2)
    for (const line of lines) {
      expect(line).to.include({ level: 'warn', event: 'LoginThrottled', outcome: 'denied', ...guesser.where })
      expect(line).to.have.property('retryAfter').that.is.within(1, 60)
    }
  })

  it('has a line for a request of another site (OWASP ASVS 16.3.1)', async () => {
    const lines = await written(() => ada.post('/api/login', ada.owner, OTHER_SITE))
    expect(lines).to.deep.equal([
      { level: 'warn', event: 'RequestRefused', outcome: 'denied', reason: 'CROSS_ORIGIN', ...ada.where },
    ])
  })

  it('has a line for a password that is changed, and for each session that ends with it (OWASP ASVS 16.3.1)', async () => {
    const there = ada.elsewhere(cell.stranger())
    await there.logIn()
    await ada.logIn()
    const lines = await written(() =>
      ada.post('/api/password', { currentPassword: ada.owner.password, newPassword: NEW }),
    )
    const done = { level: 'info', outcome: 'success', ownerId: ada.owner.id, ...ada.where }
    const [changed, ended, ...others] = lines.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
    expect(changed).to.include({ ...done, event: 'PasswordChanged' })
    expect(ended).to.deep.equal({
      ...done,
      event: 'SessionLogout',
      reason: 'CREDENTIALS_CHANGED',
      session: handleOf(there.home),
    })
    expect(others).to.deep.equal([])
  })

  for (const [newPassword, reason] of [
    [NEW, 'CURRENT_PASSWORD_WRONG'],
    ['short', 'INVALID_PASSWORD_CHANGE'],
  ] as const) {
    it(`has a line for a password that is not changed: ${reason} (OWASP ASVS 16.3.1)`, async () => {
      await ada.logIn()
      const lines = await written(() => ada.post('/api/password', { currentPassword: 'a wrong guess', newPassword }))
      const failed = { level: 'warn', event: 'PasswordChangeFailed', outcome: 'failure', ownerId: ada.owner.id, reason }
      expect(lines).to.have.length(1)
      expect(lines[0]).to.include({ ...failed, ...ada.where })
    })
  }

  it('says which application acted, in whatever it did (OWASP ASVS 8.3.3)', async () => {
    const lines = await written(async () => {
      await ada.post('/api/login', { appname: 'billing', password: 'app secret', ownerId: ada.owner.id })
      await ada.post('/api/password', { currentPassword: 'a wrong guess', newPassword: NEW })
      await ada.post('/api/logout')
    })
    const acted = { ownerId: ada.owner.id, actor: 'app-1', ...ada.where }
    expect(lines).to.have.length(3)
    expect(lines[0]).to.include({ event: 'SessionLogin', outcome: 'success', ...acted })
    expect(lines[1]).to.include({ event: 'PasswordChangeFailed', outcome: 'failure', ...acted })
    expect(lines[2]).to.include({ event: 'SessionLogout', outcome: 'success', ...acted })
  })

  it('says which application is denied, once its owner is no longer there (OWASP ASVS 16.3.1)', async () => {
    await ada.post('/api/login', { appname: 'billing', password: 'app secret', ownerId: ada.owner.id })
    await cell.database.query.updateTable('owners').set({ disabled_at: 1 }).where('id', '=', ada.owner.id).execute()
    const lines = await written(() => ada.send('GET', '/api/me'))
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ event: 'SessionDenied', outcome: 'denied', actor: 'app-1', ownerId: ada.owner.id })
  })

  it('has no line for what is none of it', async () => {
    await ada.logIn()
    const lines = await written(async () => {
      for (const path of ['/api/me', '/', '/api/sessions', '/nothing']) await ada.send('GET', path)
      await cell.stranger().get('/api/me')
    })
    expect(lines).to.deep.equal([])
  })
})
