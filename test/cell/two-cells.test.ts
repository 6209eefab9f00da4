import { expect } from 'chai'
import { cellFolder, startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { rejectionOf } from '../support/rejection'

const HELLO = {
  'routes/hello/index.ts': 'export = () => ({ "GET /": (req: any, res: any) => res.json({ hello: "there" }) })',
  'dna/plasma/hello-routes.json': {
    source: 'plasma/express-routes',
    reactOn: ['ExpressServer', 'ExpressSessions'],
    emitReady: 'HelloRoutes',
    path: 'routes/hello',
    mount: '/hello',
  },
}

describe('two cells in one process', () => {
  let one: TestCell
  let other: TestCell
  before(async () => {
    ;[one, other] = await Promise.all([
      startTestCell(),
      startTestCell({ plasma: { 'express-sessions': { cookie: { name: 'other' } } } }, cellFolder(HELLO)),
    ])
  })
  after(() => Promise.all([one.stop(), other.stop()]))

  it('have ports, DNA and routes of their own', async () => {
    expect(one.address).not.to.equal(other.address)
    expect((await one.client().get('/hello')).status).to.equal(404)
    expect(await other.client().get('/hello')).to.deep.include({ status: 200, body: { hello: 'there' } })
  })

  it('have owners and sessions of their own', async () => {
    const credentials = newCredentials()
    await one.client().registerAndLogIn(credentials)
    expect((await other.client().post('/api/login', credentials)).status).to.equal(401)
    const client = other.client()
    await client.registerAndLogIn(credentials)
    expect([...client.cookies.keys()]).to.deep.equal(['other'])
  })

  it('do not notice when a third one cannot boot, or when one of them ends', async () => {
    const client = other.client()
    await client.registerAndLogIn()
    const inFlight = Promise.all(Array.from({ length: 20 }, () => client.get('/api/me')))
    await rejectionOf(() => startTestCell({ plasma: { 'site-routes': { path: 'routes/missing' } } }))
    await one.plasma.emit('kill')
    await one.stopped
    expect((await inFlight).map(({ status }) => status)).to.deep.equal(Array(20).fill(200))
    await client.post('/api/logout')
    expect((await client.get('/api/me')).status).to.equal(401)
  })
})
