import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { TrustPoint } from '../../support/trust-point'
import { Visitor } from '../../support/visitor'

const REMOTE = { username: 'grace', password: 'known there alone' }

describe('the start page', () => {
  const owner = newCredentials()
  let users: TrustPoint
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    users = await TrustPoint.answering(200, { id: 'remote-1', username: REMOTE.username })
    apps = await TrustPoint.answering(200, { id: '<b>app</b>' })
    const sessions = { remoteLoginEndpoint: users.endpoint, remoteAuthenticateEndpoint: apps.endpoint }
    const options = { registrationBesideTrustPoint: true }
    cell = await startTestCell({ plasma: { sessions, 'api-routes': { options } } })
    await cell.client().submit('/api/register', owner)
  })
  after(async () => {
    await cell.stop()
    await Promise.all([users.stop(), apps.stop()])
  })

  const visitor = (): Visitor => new Visitor(cell.address ?? '')
  async function loggedIn(fields: Record<string, string>): Promise<Visitor> {
    const somebody = visitor()
    expect((await somebody.fillIn('/login', fields)).location).to.equal('/')
    return somebody
  }

  it('leads to the pages to log in and to register if nobody is logged in', async () => {
    const { status, headers, page } = await visitor().visit('/')
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8'])
    expect(page.text).to.include('You are not logged in.')
    expect([page.links, page.actions]).to.deep.equal([['/login', '/register'], []])
    const forged = await visitor().visit('/', { cookie: 'id=s%3Aforged.forged' })
    expect(forged.page.text).to.include('You are not logged in.')
  })

  it('says who is logged in and through which application, and lets no cache keep it', async () => {
    const somebody = await loggedIn(owner)
    const { headers, page } = await somebody.visit('/')
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(page.text).to.include(`You are logged in as ${owner.username}.`).and.not.include('not logged in')
    expect([page.links, page.actions]).to.deep.equal([['/account'], ['/logout']])
    const ownerId = ((await somebody.get('/api/me')).body as { id: string }).id
    const application = await loggedIn({ appname: 'bot', password: 'app secret', ownerId })
    const through = await application.visit('/')
    expect(through.page.text).to.include('through the application <b>app</b>.')
    expect(through.text).to.not.include('<b>')
  })

  it('shows that a logout is done (OWASP ASVS 7.4.4)', async () => {
    const somebody = await loggedIn(owner)
    expect((await somebody.visit('/logout')).location).to.equal('/')
    expect((await somebody.visit('/')).page.actions, 'a GET changes nothing').to.deep.equal(['/logout'])
    const { location, headers } = await somebody.fillIn('/logout', {})
    expect([location, headers.get('clear-site-data')]).to.deep.equal(['/?done=logged-out', '"cache", "storage"'])
    const { page } = await somebody.visit(location ?? '')
    expect(page.notice).to.equal('You are logged out.')
    expect(page.text).to.include('You are not logged in.')
    // A second window still shows the button.
    expect((await somebody.fillIn('/logout', {})).location).to.equal('/?done=logged-out')
  })

  it('confirms nothing because another site says so, nor anything that it does not know', async () => {
    for (const [path, site] of [
      ['/?done=logged-out', 'cross-site'],
      ['/?done=logged-out', 'same-site'],
      // A link in a mail.
      ['/?done=logged-out', 'none'],
      ['/?done=nothing', 'same-origin'],
      ['/?done=<b>', 'same-origin'],
      ['/?done=constructor', 'same-origin'],
      ['/?done=logged-out&done=logged-out', 'same-origin'],
    ] as const)
      expect((await visitor().visit(path, { 'sec-fetch-site': site })).page.notice, path).to.equal(undefined)
  })

  it('confirms nothing because a link to the login says so', async () => {
    const somebody = visitor()
    for (const place of ['/account?done=password-changed', '/account?x=?&%64one=password-changed']) {
      const asked = await somebody.visit(`/login?return-to=${encodeURIComponent(place)}`)
      expect(asked.page.inputs['return-to'], place).to.include({ value: '/account' })
      expect((await somebody.fillIn('/login', { ...owner, 'return-to': place })).location, place).to.equal('/account')
      await somebody.fillIn('/logout', {})
    }
    // What a page of a team's own means by it stays.
    const own = await somebody.fillIn('/login', { ...owner, 'return-to': '/tasks?done=yes' })
    expect(own.location).to.equal('/tasks?done=yes')
  })

  it('has no form to change the password for an owner whom a trust point keeps', async () => {
    const somebody = await loggedIn(REMOTE)
    const { page } = await somebody.visit('/account')
    expect(page.text).to.include('grace')
    expect(page.actions).to.deep.equal(['/logout', '/account/sessions'])
  })

  it('tells password managers where to change a password', async () => {
    const { status, location } = await visitor().visit('/.well-known/change-password')
    expect([status, location]).to.deep.equal([303, '/account#password'])
  })

  it('needs nothing that its policy forbids, like the other pages', async () => {
    const somebody = await loggedIn(owner)
    for (const [who, path] of [
      [visitor(), '/'],
      [visitor(), '/login'],
      [visitor(), '/register'],
      [visitor(), '/nothing'],
      [somebody, '/'],
      [somebody, '/account'],
    ] as const) {
      const { text } = await who.visit(path)
      expect(text, path).to.not.match(/<script|<style|\sstyle=|\son\w+=|javascript:|https?:/i)
      expect(text, path).to.match(/<link rel="stylesheet" href="\/assets\/style\.[\w-]+\.css">/)
      expect(text, path).to.match(/<link rel="icon" type="image\/svg\+xml" href="\/assets\/mark\.[\w-]+\.svg">/)
    }
  })
})
