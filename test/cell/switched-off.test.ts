import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials, type Client } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { rejectionOf } from '../support/rejection'

describe('an organelle that is switched off', () => {
  let cell: TestCell | undefined

  keepErrorLog()

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function startWithout(...organelles: string[]): Promise<Client> {
    cell = await startTestCell({ plasma: Object.fromEntries(organelles.map((name) => [name, false])) })
    return cell.client()
  }

  it('site-routes: there are no pages, and all else is there', async () => {
    const client = await startWithout('site-routes')
    expect((await client.get('/')).status).to.equal(404)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('api-routes: the cell does not start with pages that post there', async () => {
    const { message } = await rejectionOf(() => startWithout('api-routes', 'throttle'))
    expect(message).to.include('plasma.api-routes.').and.match(/site-routes.*options\.api/)
  })

  it('api-routes, the throttle of its logins, and the pages that post there: all else is there', async () => {
    const client = await startWithout('api-routes', 'throttle', 'site-routes')
    expect((await client.get('/style.css')).status).to.equal(200)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('express-sessions: nobody is let in', async () => {
    const client = await startWithout('express-sessions')
    const credentials = newCredentials()
    expect((await client.post('/api/register', credentials)).status).to.equal(201)
    expect((await client.post('/api/login', credentials)).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(503)
  })

  it('sessions: the cell does not start with routes that need it', async () => {
    const { message } = await rejectionOf(() => startWithout('sessions'))
    expect(message).to.include('-routes.json: path: ').and.to.include('dna/plasma/sessions.json must be on')
  })

  it('sessions, and the routes that need it: all else is there', async () => {
    const client = await startWithout('sessions', 'api-routes', 'site-routes', 'throttle')
    expect((await client.get('/style.css')).status).to.equal(200)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('database: nobody is let in', async () => {
    const client = await startWithout('database')
    expect((await client.post('/api/login', newCredentials())).status).to.equal(503)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('express-response: Express itself answers', async () => {
    const client = await startWithout('express-response')
    expect((await client.get('/nothing')).status).to.equal(404)
    expect((await client.get('/api/me')).status).to.equal(401)
  })
})
