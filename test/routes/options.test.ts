import { expect } from 'chai'
import apiRoutes from '../../routes/api'
import siteRoutes from '../../routes/site'
import { startCell } from '../../cell'
import { startTestCell, type TestCell } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

const HTML = { accept: 'text/html' }
const POINT = 'http://127.0.0.1:9/api/login'

describe('the options of the shipped routes', () => {
  let cell: TestCell | undefined

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function start(plasma: object): Promise<Client> {
    cell = await startTestCell({ plasma })
    return cell.client()
  }

  it('are refused by their key if they are misspelled or of another type', async () => {
    const { plasma } = (await start({}), cell) ?? expect.fail('no cell')
    const refused: [routes: typeof apiRoutes, options: Record<string, unknown>][] = [
      [apiRoutes, { registratoin: false }],
      [apiRoutes, { registration: 'no' }],
      [apiRoutes, { registration: 0 }],
      [apiRoutes, { registrationBesideTrustPoint: 'yes' }],
      [apiRoutes, { api: '/api' }],
      [siteRoutes, { registratoin: false }],
      [siteRoutes, { registration: 'no' }],
      [siteRoutes, { api: 'api' }],
      [siteRoutes, { api: '"><script>' }],
    ]
    for (const [routes, options] of refused) {
      expect(() => routes(plasma, { options }), JSON.stringify(options))
        .to.throw()
        .with.property('key', `options.${Object.keys(options).join()}`)
    }
  })

  it('stop the boot with the file and the key', async () => {
    const { message } = await rejectionOf(() => start({ 'api-routes': { options: { registratoin: false } } }))
    expect(message).to.include('dna/plasma/api-routes.json: options.registratoin: ')
  })

  it('close registration in the API and on the page', async () => {
    const client = await start({ 'api-routes': { options: { registration: false } } })
    expect((await client.get('/', HTML)).text)
      .to.include('/api/login')
      .and.not.include('register')
    expect((await client.post('/api/register', newCredentials())).status).to.equal(404)
  })

  it('make pages post where the API is', async () => {
    const client = await start({ 'api-routes': { mount: '/v1' } })
    const actions = async (): Promise<string[]> =>
      [...(await client.get('/', HTML)).text.matchAll(/action="([^"]+)"/g)].map(([, action = '']) => action)
    expect(await actions()).to.deep.equal(['/v1/login', '/v1/register'])
    const credentials = newCredentials()
    for (const url of ['/v1/register', '/v1/login'])
      expect((await client.submit(url, credentials)).status).to.equal(303)
    expect(await actions()).to.deep.equal(['/v1/logout', '/v1/password'])
  })

  describe('of a cell that asks a trust point for owners', () => {
    const sessions = { remoteLoginEndpoint: POINT }

    it('must close registration, or the boot stops and names both keys', async () => {
      for (const options of [{}, { registrationBesideTrustPoint: false }]) {
        const { message } = await rejectionOf(() => start({ sessions, 'api-routes': { options } }))
        expect(message).to.include('dna/plasma/api-routes.json: options.registration: must be false')
        expect(message).to.include('remoteLoginEndpoint').and.include('options.registrationBesideTrustPoint: true')
      }
    })

    it('may allow it anyway', async () => {
      const client = await start({ sessions, 'api-routes': { options: { registrationBesideTrustPoint: true } } })
      expect((await client.post('/api/register', newCredentials())).status).to.equal(201)
    })

    it('do not matter if no owner can register, or only applications are asked for', async () => {
      await start({ sessions: { ...sessions, ownerModelPath: 'context/models/app' } })
      await cell?.stop()
      await start({ sessions: { remoteAuthenticateEndpoint: POINT } })
    })
  })

  for (const [mode, options] of [
    ['_apps', { registration: true, registrationBesideTrustPoint: true }],
    ['_production+_apps', {}],
  ] as const) {
    it(`let nobody register as an application in ${mode} with ${JSON.stringify(options)} (OWASP ASVS 13.2.1)`, async () => {
      const secret = { secret: 'x'.repeat(32), cookie: { name: 'id', secure: false } }
      const plasma = { 'express-sessions': secret, 'api-routes': { options } }
      const apps = await startCell({ mode: `${mode}+_test`, changes: { data: { folder: temporaryFolder() }, plasma } })
      try {
        const client = new Client(apps.address ?? '')
        const registration = { appname: 'mallory', password: 'correct horse battery' }
        expect((await client.post('/api/register', registration)).status).to.equal(404)
        expect((await client.get('/', HTML)).text)
          .to.include('name="appname"')
          .and.not.include('register')
      } finally {
        await apps.stop()
      }
    })
  }
})
