import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { TrustPoint } from '../../support/trust-point'

const HTML = { accept: 'text/html' }
const REMOTE = { username: 'grace', password: 'known there alone' }
const formOf = (action: string): string => `<form method="post" action="/api/${action}">`

const textOf = async (client: Client): Promise<string> => (await client.get('/', HTML)).text

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

  async function logIn(fields: Record<string, string>): Promise<Client> {
    const client = cell.client()
    expect((await client.submit('/api/login', fields)).status).to.equal(303)
    return client
  }
  function expectLoggedOut(text: string): void {
    expect(text).to.include('You are not logged in.').and.include(formOf('login')).and.include(formOf('register'))
    expect(text).to.not.include('/api/logout').and.not.include('/api/password')
  }

  it('has the forms to log in and to register if nobody is logged in', async () => {
    const { status, headers, text } = await cell.client().get('/', HTML)
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'text/html; charset=utf-8'])
    expectLoggedOut(text)
    const passwords = text.match(/type="password" autocomplete="[\w-]+"/g)
    expect(passwords?.join()).to.match(/current-password.*new-password/)
    expectLoggedOut((await cell.client().get('/', { cookie: 'id=s%3Aforged.forged' })).text)
  })

  it('says who is logged in and through which application, and lets no cache keep it', async () => {
    const client = await logIn(owner)
    const { headers, text } = await client.get('/', HTML)
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(text).to.include(`<strong>${owner.username}</strong>.`).and.include(formOf('logout'))
    expect(text).to.not.include('/api/login').and.not.include('/api/register').and.not.include('You are not logged in')
    const ownerId = ((await client.get('/api/me')).body as { id: string }).id
    const application = await logIn({ appname: 'bot', password: 'app secret', ownerId })
    expect(await textOf(application)).to.include('through the application <code>&lt;b&gt;app&lt;/b&gt;</code>')
  })

  it('shows that a logout is done (OWASP ASVS 7.4.4)', async () => {
    const client = await logIn(owner)
    await client.submit('/api/logout', {})
    expectLoggedOut(await textOf(client))
  })

  it('has a form to change the password', async () => {
    const [, form = ''] = (await textOf(await logIn(owner))).split(formOf('password'))
    const inputs = [
      ...form.matchAll(/<input name="(\w+)" type="password" autocomplete="([\w-]+)" maxlength="256" required>/g),
    ]
    expect(inputs.map(([, ...fields]) => fields)).to.deep.equal([
      ['currentPassword', 'current-password'],
      ['newPassword', 'new-password'],
    ])
  })

  it('has no such form for an owner whom a trust point keeps', async () => {
    const text = await textOf(await logIn(REMOTE))
    expect(text).to.include('<strong>grace</strong>').and.include(formOf('logout')).and.not.include('/api/password')
  })

  it('needs nothing that its policy forbids', async () => {
    for (const client of [cell.client(), await logIn(owner)]) {
      const text = await textOf(client)
      expect(text).to.not.match(/<script|<style|\sstyle=|\son\w+=|javascript:/i)
      expect(text).to.include('<link rel="stylesheet" href="/style.css">')
    }
  })
})
