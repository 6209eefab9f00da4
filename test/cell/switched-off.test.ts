import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials, type Client } from '../support/client'
import { rejectionOf } from '../support/rejection'

const ROUTES = ['api-routes', 'site-routes']
const HTTP = ['pages', 'express-server', 'express-sessions', 'throttle', 'health', 'express-response', ...ROUTES]

describe('an organelle that is switched off', () => {
  let cell: TestCell | undefined

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function startWithout(...organelles: string[]): Promise<Client> {
    cell = await startTestCell({ plasma: Object.fromEntries(organelles.map((name) => [name, false])) })
    return cell.client()
  }

  it('is not missed by logins: throttle, audit, site-routes', async () => {
    const client = await startWithout('throttle', 'audit', 'site-routes')
    await client.registerAndLogIn()
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await client.get('/')).status).to.equal(404)
  })

  it('stops the boot if pages post there: api-routes', async () => {
    const { message } = await rejectionOf(() => startWithout('api-routes', 'throttle'))
    expect(message)
      .to.include('plasma.api-routes.')
      .and.match(/site-routes.*options\.api/)
  })

  for (const [off, ...users] of [
    [['database'], 'sessions', 'express-sessions', 'throttle'],
    [['database', ...HTTP], 'sessions'],
    [['express-sessions'], ...ROUTES],
    [['express-response'], ...ROUTES],
    [['sessions'], ...ROUTES],
    [['pages'], 'site-routes'],
    [['express-server'], 'pages', 'express-sessions', 'throttle', 'health', 'express-response', ...ROUTES],
  ] as [string[], ...string[]][]) {
    it(`stops the boot with the names of those that need it: ${off.join(', ')}`, async () => {
      const { message } = await rejectionOf(() => startWithout(...off))
      const pattern = new RegExp(`(?:: |; )plasma/([^;]*) needs? plasma/${String(off[0])}, which is switched off`)
      expect(pattern.exec(message)?.[1]?.split(', plasma/')).to.have.members(users)
    })
  }

  it('can be one that nothing needs: all of HTTP', async () => {
    await startWithout(...HTTP)
    expect(cell?.address).to.equal(undefined)
    expect(cell?.plasma).to.have.property('sessions')
  })

  it('can be the one that makes pages, and errors are plain then: pages', async () => {
    const client = await startWithout('pages', 'site-routes')
    await client.registerAndLogIn()
    const { status, text } = await client.get('/nothing', { accept: 'text/html' })
    expect(status).to.equal(404)
    expect(text).to.include('<h1>Not Found</h1>').and.not.include('/assets/')
  })

  it('can be one that nothing needs: the database, sessions, and what depends on them', async () => {
    const client = await startWithout('database', 'sessions', 'express-sessions', 'throttle', ...ROUTES)
    expect((await client.get('/nothing', { accept: 'text/html' })).text).to.include('/assets/style.')
    expect((await client.post('/api/login', newCredentials())).status).to.equal(404)
  })
})
