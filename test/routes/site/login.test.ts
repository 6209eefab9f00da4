import { expect } from 'chai'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { LIMITS, newAddress } from '../../support/throttled-cell'
import { Visitor } from '../../support/visitor'

/** A folder of a team's own, guarded as docs/routes.md shows. */
const GUARDED = `module.exports = (plasma) => ({
  '* *': (req, res, next) => {
    plasma.sessions(req.session).user((error, user) => {
      next(error ?? (user ? undefined : Object.assign(new Problem(401, 'LOGIN_REQUIRED', 'Log in first.'))))
    })
  },
  'GET': (req, res) => res.type('html').send('only for members'),
  'POST': (req, res) => res.type('html').send('done by a member'),
})
const { Problem } = require(${JSON.stringify(`${process.cwd()}/context/cell`)})`

describe('the page to log in', () => {
  const log = keepErrorLog()
  const owner = newCredentials()
  let cell: TestCell

  before(async () => {
    const own = { source: 'plasma/express-routes', reactOn: ['ExpressServer', 'ExpressSessions'], emitReady: 'Own' }
    const plasma = {
      members: { ...own, path: 'routes/members', mount: '/members' },
      throttle: LIMITS,
      'express-server': { trustProxy: 'loopback' },
    }
    cell = await startTestCell({ plasma }, cellFolder({ 'routes/members/index.js': GUARDED }))
    await cell.client().post('/api/register', owner)
  })
  after(() => cell.stop())

  const visitor = (): Visitor => new Visitor(cell.address ?? '', { 'x-forwarded-for': newAddress() })

  it('has a form that password managers fill in', async () => {
    const { status, page } = await visitor().visit('/login')
    expect([status, page.title, page.actions]).to.deep.equal([200, 'Log in · Organic cell', ['/login']])
    expect(page.inputs['username']).to.include({ type: 'text', autocomplete: 'username', autocapitalize: 'none' })
    expect(page.inputs['password']).to.include({ type: 'password', autocomplete: 'current-password', required: '' })
    expect(page.inputs).to.have.keys('username', 'password')
    expect(page.links).to.deep.equal(['/register'])
  })

  it('leads to the start page, which says who is logged in', async () => {
    const somebody = visitor()
    const { page } = await somebody.complete('/login', owner)
    expect(page.text).to.include(`You are logged in as ${owner.username}.`)
    // Who is logged in needs no form.
    expect((await somebody.visit('/login')).location).to.equal('/')
    expect((await somebody.visit('/login?return-to=/account')).location).to.equal('/account')
  })

  it('leads back to the page that asked for it, through a registration as well', async () => {
    const somebody = visitor()
    for (const path of ['/account', '/members?page=2&all=yes', '/members/?a=%20%2F']) {
      const asked = await somebody.visit(path)
      expect([asked.status, asked.headers.has('www-authenticate')]).to.deep.equal([303, false])
      expect(asked.location).to.equal(`/login?return-to=${encodeURIComponent(path)}`)
      const { page } = await somebody.visit(asked.location ?? '')
      expect(page.inputs['return-to']).to.include({ type: 'hidden', value: path })
      expect(page.links).to.deep.equal([`/register?return-to=${encodeURIComponent(path)}`])
      const registering = await somebody.visit(page.links[0] ?? '')
      expect(registering.page.inputs['return-to']).to.include({ value: path })
      expect(registering.page.links).to.deep.equal([asked.location])
    }
    const fields = { ...owner, 'return-to': '/members?page=2' }
    const wrong = await somebody.fillIn('/login', { ...fields, password: 'a wrong one' })
    expect(wrong.page.inputs['return-to']).to.include({ value: '/members?page=2' })
    expect((await somebody.complete('/login', fields)).text).to.equal('only for members')
  })

  it('leads nowhere else, whatever the request says', async () => {
    const somebody = visitor()
    for (const place of ['//evil.example', 'https://evil.example', '/\\evil.example', '/api/logout', '/logout']) {
      const { page } = await somebody.visit(`/login?return-to=${encodeURIComponent(place)}`)
      expect(page.inputs, place).to.not.have.property('return-to')
      expect((await somebody.fillIn('/login', { ...owner, 'return-to': place })).location, place).to.equal('/')
      const wrong = await visitor().fillIn('/login', { ...newCredentials(), 'return-to': place })
      expect(wrong.page.inputs, place).to.not.have.property('return-to')
      await somebody.fillIn('/logout', {})
    }
  })

  it('leaves programs and the API their 401', async () => {
    const somebody = visitor()
    expect((await somebody.get('/account')).body).to.include({ status: 401, code: 'LOGIN_REQUIRED' })
    const { status, page } = await somebody.visit('/api/me')
    expect([status, page.title]).to.deep.equal([401, 'Please log in · Organic cell'])
    expect(page.links).to.include('/login')
  })

  it('is shown in place of a form whose session has ended, and leads back to its page', async () => {
    for (const path of ['/account/password', '/ACCOUNT/Password/', '/account/sessions']) {
      const { status, page } = await visitor().fillIn(path, { currentPassword: 'x'.repeat(9), newPassword: 'y' })
      expect([status, page.title]).to.deep.equal([401, 'Error: Log in · Organic cell'])
      expect(page.faults[0]?.[1]).to.match(/your session has ended/)
      expect(page.inputs['return-to']).to.include({ value: '/account' })
      expect(page.source).to.not.include('xxxxxxxxx')
    }
    // Nobody knows which page had this form.
    const { status, page } = await visitor().fillIn('/members', {})
    expect([status, page.actions]).to.deep.equal([401, ['/login']])
    expect(page.inputs).to.not.have.property('return-to')
  })

  it('says beside the field that a login has failed, and keeps the name, never the password', async () => {
    const username = `"><b>${owner.username}`
    const { status, headers, page } = await visitor().fillIn('/login', { username, password: 'secret as typed' })
    expect([status, page.title]).to.deep.equal([401, 'Error: Log in · Organic cell'])
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(page.faults).to.deep.equal([['password', 'This name or password is wrong.']])
    expect(page.faultOf('password')).to.equal('This name or password is wrong.')
    expect(page.source.split('This name or password is wrong.'), 'said once').to.have.length(2)
    expect(page.inputs['password'], 'the cursor is there').to.have.property('autofocus')
    expect(page.inputs['username']).to.include({ value: username })
    expect(page.source).to.not.include('secret as typed').and.not.include('<b>')
  })

  it('says the same for an unknown name and a wrong password (OWASP ASVS 6.3.8)', async () => {
    const known = await visitor().fillIn('/login', { username: owner.username, password: 'a wrong one' })
    const unknown = await visitor().fillIn('/login', { username: 'nobody', password: 'a wrong one' })
    expect(unknown.text).to.equal(known.text.replace(owner.username, 'nobody'))
  })

  it('refuses what cannot be credentials', async () => {
    for (const fields of [
      {},
      { username: 'ada' },
      { ...owner, extra: 'x' },
      { username: 'x'.repeat(2000), password: 'y' },
    ]) {
      const { status, page } = await visitor().fillIn('/login', fields as Record<string, string>)
      expect(status).to.be.oneOf([400, 401])
      expect(page.faults, JSON.stringify(fields).slice(0, 60)).to.have.length(1)
    }
    const json = { 'content-type': 'application/json' }
    for (const body of ['[]', '{"username":{"$ne":null},"password":"x"}', '{"username":"a","password":["b"]}']) {
      const { status, body: problem } = await visitor().send('POST', '/login', body, json)
      expect([status, (problem as { code: string }).code], body).to.deep.equal([400, 'INVALID_CREDENTIALS_SHAPE'])
    }
  })

  it('counts failures together with the API, and says how long to wait', async () => {
    const victim = newCredentials()
    const guesser = visitor()
    const statuses: number[] = []
    for (const at of ['/login', '/api/login', '/LOGIN/', '/login'])
      statuses.push((await guesser.fillIn(at, { ...victim, password: 'a guess' })).status)
    expect(statuses).to.deep.equal([401, 401, 401, 429])
    expect((await guesser.post('/api/login', victim, guesser.headers)).status).to.equal(429)
    const { headers, page } = await guesser.fillIn('/login', victim)
    expect(headers.get('retry-after')).to.match(/^\d+$/)
    expect(page.faults[0]?.[1]).to.match(/^There were too many attempts\. Try again in (1 minute|\d+ seconds)\.$/)
    expect(page.inputs['username']).to.include({ value: victim.username })
  })

  it('is counted once, also where DNA lists it', async () => {
    const routes = { '/login': 'credentials', '/api/login': 'credentials', '/password': false, '/register': false }
    const listed = await startTestCell({ plasma: { throttle: { ...LIMITS, mount: '', routes } } })
    const guesser = new Visitor(listed.address ?? '')
    const statuses: number[] = []
    for (const password of ['one', 'two', 'three', 'four'])
      statuses.push((await guesser.fillIn('/login', { username: 'nobody', password })).status)
    expect(statuses).to.deep.equal([401, 401, 401, 429])
    await listed.stop()
  })

  it('reports logins and failures to the audit log as the API does', async () => {
    const known = await visitor().join()
    const events: unknown[] = []
    for (const type of ['SessionLogin', 'SessionLoginFailed'])
      cell.plasma.on(type, (event) => events.push([type, (event as { reason?: string }).reason]))
    await visitor().fillIn('/login', { ...known, password: 'a wrong one' })
    await visitor().fillIn('/login', known)
    expect(events).to.deep.equal([
      ['SessionLoginFailed', 'INVALID_CREDENTIALS'],
      ['SessionLogin', undefined],
    ])
  })

  it('is refused to pages of other sites (OWASP ASVS 3.5.1)', async () => {
    const { status, page } = await visitor().fillIn('/login', owner, { 'sec-fetch-site': 'cross-site' })
    expect([status, page.title]).to.deep.equal([403, 'Not allowed · Organic cell'])
    expect(page.text).to.match(/another site/)
  })

  it('gives a new session id, and ends the old one (OWASP ASVS 7.2.4)', async () => {
    const somebody = visitor()
    const known = await somebody.join()
    const before = somebody.copy()
    expect((await somebody.fillIn('/login', known)).status).to.equal(303)
    expect(somebody.cookies.get('id')).to.not.equal(before.cookies.get('id'))
    expect((await before.get('/api/me')).status).to.equal(401)
  })

  it('says nothing of the inside when the database is away', async () => {
    const broken = await startTestCell()
    await broken.database.close()
    const somebody = new Visitor(broken.address ?? '')
    const { status, page } = await somebody.fillIn('/login', owner)
    expect([status, page.inputs['username']?.['value']]).to.deep.equal([503, owner.username])
    expect(page.faults[0]?.[1]).to.equal('This service cannot read or save anything right now. Try again later.')
    await broken.stop()
    expect(log.join()).to.include('No database is open')
  })
})
