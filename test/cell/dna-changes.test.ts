import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { stoppedClock } from '../support/clock'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

describe('DNA that is changed', () => {
  let cell: TestCell

  afterEach(() => cell.stop())

  it('mounts the routes elsewhere', async () => {
    cell = await startTestCell({ plasma: { 'api-routes': { mount: '/v2/api' } } })
    const client = cell.client()
    expect((await client.post('/v2/api/register', newCredentials())).status).to.equal(201)
    expect((await client.get('/v2/api/me')).status).to.equal(401)
    expect((await client.get('/api/me')).status).to.equal(404)
  })

  it('gives the sessions organelle another name', async () => {
    const path = temporaryFolder()
    writeFiles(path, {
      'who.js': `module.exports = function (plasma) {
        return { 'GET': function (req, res, next) {
          plasma.sesions(req.session).owner(function (err, owner) {
            res.response = { names: [typeof plasma.sessions, typeof plasma.sesions], owner: owner || null }
            next(err)
          })
        } }
      }`,
    })
    cell = await startTestCell({
      plasma: { sessions: { name: 'sesions' }, 'api-routes': { path }, 'site-routes': false, throttle: false },
    })
    expect((await cell.client().get('/api/who')).body).to.deep.equal({ names: ['undefined', 'function'], owner: null })
  })

  it('gives the cookie another name', async () => {
    cell = await startTestCell({ plasma: { 'express-sessions': { cookie: { name: 'sid', sameSite: 'strict' } } } })
    const client = cell.client()
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    const { headers } = await client.post('/api/login', credentials)
    expect(headers.get('set-cookie')).to.match(/^sid=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  describe('in its times', () => {
    const clock = stoppedClock()

    it('ends sessions sooner', async () => {
      cell = await startTestCell({ plasma: { 'express-sessions': { idleSeconds: 10, touchSeconds: 0 } } })
      const client = cell.client()
      await client.registerAndLogIn()
      clock.pass(9999)
      expect((await client.get('/api/me')).status).to.equal(200)
      clock.pass(10_000)
      expect((await client.get('/api/me')).status).to.equal(401)
    })
  })
})
