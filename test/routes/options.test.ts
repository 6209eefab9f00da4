import { expect } from 'chai'
import apiRoutes from '../../routes/api'
import siteRoutes from '../../routes/site'
import { startCell } from '../../cell'
import { startTestCell, type TestCell } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'
import { Visitor } from '../support/visitor'

const HTML = { accept: 'text/html' }
const POINT = 'http://127.0.0.1:9/api/login'

/** A plasma with as much of the sessions organelle as routes ask about when they are built. */
function plasmaWith(asksTrustPoint: boolean, register?: () => void): Organic.Plasma {
  return { sessions: { asksTrustPoint, ownerModel: { register } } } as unknown as Organic.Plasma
}

describe('the options of the shipped routes', () => {
  it('are refused by their key if they are misspelled or of another type', () => {
    const refused: [routes: typeof apiRoutes, options: Record<string, unknown>][] = [
      [apiRoutes, { registratoin: false }],
      [apiRoutes, { registration: 'no' }],
      [apiRoutes, { registrationBesideTrustPoint: 'yes' }],
      [apiRoutes, { api: '/api' }],
      [siteRoutes, { registratoin: false }],
      [siteRoutes, { registration: 'no' }],
      [siteRoutes, { api: 'api' }],
      [siteRoutes, { api: '"><script>' }],
    ]
    for (const [routes, options] of refused) {
      expect(() => routes(plasmaWith(false), { options }), JSON.stringify(options))
        .to.throw()
        .with.property('key', `options.${Object.keys(options).join()}`)
    }
  })

  it('must close registration if the cell asks a trust point for owners, or allow it by a key of its own', async () => {
    const register = (): void => undefined
    for (const options of [{}, { registrationBesideTrustPoint: false }])
      expect(() => apiRoutes(plasmaWith(true, register), { options })).to.throw('options.registration: must be false')
    apiRoutes(plasmaWith(true, register), { options: { registrationBesideTrustPoint: true } })
    apiRoutes(plasmaWith(true, register), { options: { registration: false } })
    // No owner can register, or only applications are asked for.
    apiRoutes(plasmaWith(true), {})
    apiRoutes(plasmaWith(false, register), {})

    const plasma = { sessions: { remoteLoginEndpoint: POINT }, 'api-routes': { options: {} } }
    const { message } = await rejectionOf(() => startTestCell({ plasma }))
    expect(message).to.include('dna/plasma/api-routes.json: options.registration: must be false')
    expect(message).to.include('remoteLoginEndpoint').and.include('options.registrationBesideTrustPoint: true')
  })

  describe('in a cell', () => {
    let cell: TestCell
    afterEach(() => cell.stop())

    it('close registration in the API and on the page', async () => {
      cell = await startTestCell({ plasma: { 'api-routes': { options: { registration: false } } } })
      const client = cell.client()
      for (const path of ['/', '/login']) {
        const { text } = await client.get(path, HTML)
        expect(text).to.include('/login').and.not.include('register')
      }
      for (const path of ['/api/register', '/register'])
        expect((await client.post(path, newCredentials())).status, path).to.equal(404)
    })

    it('let the API and the pages be anywhere, and lead from the pages to no place in the API', async () => {
      const mounts = { 'api-routes': { mount: '/v1' }, 'site-routes': { mount: '/me' } }
      cell = await startTestCell({ plasma: mounts })
      const somebody = new Visitor(cell.address ?? '')
      const { location } = await somebody.visit('/me/account')
      expect(location).to.equal('/me/login?return-to=%2Fme%2Faccount')
      const { page } = await somebody.visit(location ?? '')
      expect([page.actions, page.links]).to.deep.equal([['/me/login'], ['/me/register?return-to=%2Fme%2Faccount']])
      const fields = { ...newCredentials(), 'return-to': '/v1/me' }
      expect((await somebody.fillIn('/me/register', fields)).location).to.equal('/me?done=registered')
      expect((await somebody.visit('/me')).page.actions).to.deep.equal(['/me/logout'])
      const urls = ['/me/logout', '/me/account/sessions', '/me/account/password']
      expect((await somebody.visit('/me/account')).page.actions).to.deep.equal(urls)
      expect((await somebody.visit('/nothing')).page.links).to.deep.equal(['/me'])
    })

    it('let nobody register as an application, whatever they say (OWASP ASVS 13.2.1)', async () => {
      const secret = { secret: 'x'.repeat(32), cookie: { name: 'id', secure: false } }
      const options = { registration: true, registrationBesideTrustPoint: true }
      const plasma = { 'express-sessions': secret, 'api-routes': { options } }
      const changes = { data: { folder: temporaryFolder() }, plasma }
      cell = (await startCell({ mode: '_production+_apps+_test', changes })) as TestCell
      const client = new Client(cell.address ?? '')
      const registration = { appname: 'mallory', password: 'correct horse battery' }
      expect((await client.post('/api/register', registration)).status).to.equal(404)
      expect((await client.get('/login', HTML)).text)
        .to.include('name="appname"')
        .and.not.include('register')
    })
  })
})
