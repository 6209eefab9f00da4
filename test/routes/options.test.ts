import { expect } from 'chai'
import { startCell } from '../../cell'
import { startTestCell, type TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

const POINT = 'http://127.0.0.1:9/api/login'

describe('the options of the shipped routes', () => {
  let cell: TestCell | undefined

  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function start(plasma: object): Promise<TestCell> {
    cell = await startTestCell({ plasma })
    return cell
  }

  describe('stop the boot, with the file and the key:', () => {
    const refused: [organelle: string, options: object, key: string][] = [
      ['api-routes', { registratoin: false }, 'registratoin'],
      ['api-routes', { registration: 'no' }, 'registration'],
      ['api-routes', { registration: 0 }, 'registration'],
      ['api-routes', { registrationBesideTrustPoint: 'yes' }, 'registrationBesideTrustPoint'],
      ['api-routes', { api: '/api' }, 'api'],
      ['site-routes', { registratoin: false }, 'registratoin'],
      ['site-routes', { registration: 'no' }, 'registration'],
      ['site-routes', { api: 'api' }, 'api'],
      ['site-routes', { api: '"><script>' }, 'api'],
    ]
    for (const [organelle, options, key] of refused) {
      it(`${organelle} with ${JSON.stringify(options)}`, async () => {
        const { message } = await rejectionOf(() => start({ [organelle]: { options } }))
        expect(message).to.include(`dna/plasma/${organelle}.json: options.${key}: `)
      })
    }
  })

  it('close registration on the page as well, where the API closes it', async () => {
    const client = (await start({ 'api-routes': { options: { registration: false } } })).client()
    expect((await client.get('/', { accept: 'text/html' })).text)
      .to.include('/api/login')
      .and.not.include('register')
    expect((await client.post('/api/register', newCredentials())).status).to.equal(404)
  })

  it('make pages post where the API is', async () => {
    const client = (await start({ 'api-routes': { mount: '/v1' } })).client()
    const page = await client.get('/', { accept: 'text/html' })
    const actions = [...page.text.matchAll(/action="([^"]+)"/g)].map(([, action = '']) => action)
    expect(actions).to.deep.equal(['/v1/login', '/v1/register'])
    const credentials = newCredentials()
    for (const action of actions.reverse()) expect((await client.submit(action, credentials)).status).to.equal(303)
    const own = await client.get('/', { accept: 'text/html' })
    expect(own.text).to.include('action="/v1/logout"').and.include('action="/v1/password"')
  })

  describe('of a cell that asks a trust point for owners', () => {
    const sessions = { remoteLoginEndpoint: POINT }

    it('must say no to registration, or the boot stops and names both keys', async () => {
      for (const options of [{}, { registration: true }, { registrationBesideTrustPoint: false }]) {
        const { message } = await rejectionOf(() => start({ sessions, 'api-routes': { options } }))
        expect(message).to.include('dna/plasma/api-routes.json: options.registration: must be false')
        expect(message).to.include('remoteLoginEndpoint').and.include('options.registrationBesideTrustPoint: true')
      }
    })

    it('may allow it anyway', async () => {
      const client = (
        await start({ sessions, 'api-routes': { options: { registrationBesideTrustPoint: true } } })
      ).client()
      expect((await client.post('/api/register', newCredentials())).status).to.equal(201)
    })

    it('say no as shipped', async () => {
      const client = (await start({ sessions, 'api-routes': { options: { registration: false } } })).client()
      expect((await client.post('/api/register', newCredentials())).status).to.equal(404)
    })

    it('say nothing where no owner could register anyway, or only applications are asked about', async () => {
      await start({ sessions: { ...sessions, ownerModelPath: 'context/models/app' } })
      await cell?.stop()
      await start({ sessions: { remoteAuthenticateEndpoint: POINT } })
    })
  })

  for (const mode of ['_apps', '_production+_apps']) {
    describe(`of a cell that keeps applications (${mode})`, () => {
      for (const options of [undefined, { registration: true, registrationBesideTrustPoint: true }]) {
        it(`let nobody register as one, whatever they say: ${JSON.stringify(options)} (OWASP ASVS 13.2.1)`, async () => {
          const secret = { 'express-sessions': { secret: 'x'.repeat(32), cookie: { name: 'id', secure: false } } }
          const changes = {
            data: { folder: temporaryFolder() },
            plasma: { ...secret, ...(options && { 'api-routes': { options } }) },
          }
          const apps = await startCell({ mode: `${mode}+_test`, changes })
          try {
            const headers = { 'content-type': 'application/json', accept: 'application/json' }
            const body = JSON.stringify({ appname: 'mallory', password: 'correct horse battery' })
            expect(
              (await fetch(`${apps.address ?? ''}/api/register`, { method: 'POST', headers, body })).status,
            ).to.equal(404)
            const page = await (await fetch(apps.address ?? '', { headers: { accept: 'text/html' } })).text()
            expect(page).to.include('name="appname"').and.not.include('register')
          } finally {
            await apps.stop()
          }
        })
      }
    })
  }
})
