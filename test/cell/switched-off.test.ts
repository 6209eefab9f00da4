import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials, type Client } from '../support/client'
import { rejectionOf } from '../support/rejection'

const ROUTES = ['api-routes', 'site-routes']
const HTTP = ['express-server', 'express-sessions', 'throttle', 'express-response', ...ROUTES]

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

  async function logIn(client: Client): Promise<void> {
    await client.registerAndLogIn()
    expect((await client.get('/api/me')).status).to.equal(200)
  }

  it('api-routes: the cell does not start with pages that post there', async () => {
    const { message } = await rejectionOf(() => startWithout('api-routes', 'throttle'))
    expect(message)
      .to.include('plasma.api-routes.')
      .and.match(/site-routes.*options\.api/)
  })

  for (const name of ['throttle', 'audit', 'site-routes']) {
    it(`is not missed by logins: ${name}`, async () => {
      const client = await startWithout(name)
      await logIn(client)
      expect((await client.get('/')).status).to.equal(name === 'site-routes' ? 404 : 200)
    })
  }

  it('is not missed if nothing refers to it: api-routes', async () => {
    const client = await startWithout('api-routes', 'throttle', 'site-routes')
    expect((await client.get('/style.css')).status).to.equal(200)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  const needed: [off: string[], who: string[]][] = [
    [['database'], ['sessions', 'express-sessions', 'throttle']],
    [['database', ...HTTP], ['sessions']],
    [['express-sessions'], ROUTES],
    [['express-response'], ROUTES],
    [['sessions'], ROUTES],
    [['express-server'], ['express-sessions', 'throttle', 'express-response', ...ROUTES]],
  ]
  for (const [off, who] of needed) {
    it(`stops the boot, with the names of those who need it: ${off.join(', ')}`, async () => {
      const { message } = await rejectionOf(() => startWithout(...off))
      const [, names = ''] =
        new RegExp(`(?:: |; )plasma/([^;]*) needs? plasma/${String(off[0])}, which is switched off`).exec(message) ?? []
      expect(names.split(', plasma/')).to.have.members(who)
    })
  }

  it('may be any that nothing needs: all of HTTP', async () => {
    await startWithout(...HTTP)
    expect(cell?.address).to.equal(undefined)
    expect(cell?.plasma).to.have.property('sessions')
  })

  it('may be any that nothing needs: sessions, and what depends on them', async () => {
    const client = await startWithout('sessions', 'throttle', ...ROUTES)
    expect((await client.get('/style.css')).status).to.equal(200)
    expect((await client.post('/api/login', newCredentials())).status).to.equal(404)
  })

  it('may be any that nothing needs: the database, and what depends on it', async () => {
    const client = await startWithout('database', 'sessions', 'express-sessions', 'throttle', ...ROUTES)
    expect((await client.get('/nothing')).status).to.equal(404)
  })
})
