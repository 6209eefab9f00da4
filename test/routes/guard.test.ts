import { expect } from 'chai'
import { join } from 'node:path'
import { guard } from '../../routes/guard'
import type { Client } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { ROOT } from '../support/project'
import { RouteApp, closeApps } from '../support/route-app'

const GUARD = JSON.stringify(join(ROOT, 'routes/guard'))
/** Who is logged in, by the name in a header. */
const sessions = {
  sessions: () => ({
    user: (callback: (err?: unknown, user?: object) => void) => {
      if (asks === 'broken') callback(new Error('the store is away'))
      else callback(undefined, asks === undefined ? undefined : { id: asks })
    },
  }),
}
let asks: string | undefined

async function serve(index: string): Promise<Client> {
  const app = new RouteApp()
  Object.assign(app.plasma, sessions)
  const source = `const { guard, guarded } = require(${GUARD})
module.exports = function (plasma) {
  return { ${index}
    'GET /plain': guarded(function (req, res, next) { res.response = req.user.id; next() }),
    'GET /async': guarded(async function (req, res) { res.response = req.user.id }),
    'GET /careless': guarded((_req, res) => res.json('told')),
  }
}`
  await app.mount({ 'index.js': source }, { mount: '/notes' })
  return app.listen()
}

const URLS = ['/notes/plain', '/notes/async', '/notes/careless']

describe('the guard of a folder of routes', () => {
  keepErrorLog()
  afterEach(closeApps)

  it('lets in whoever is logged in, as req.user, and nobody else', async () => {
    const client = await serve('"* *": guard(plasma),')
    asks = undefined
    for (const url of [...URLS, '/notes', '/notes/nothing'])
      expect((await client.get(url)).body, url).to.include({ status: 401, code: 'LOGIN_REQUIRED' })
    asks = 'broken'
    for (const url of URLS) expect((await client.get(url)).status, url).to.equal(500)
    asks = 'ada'
    expect((await client.get('/notes/plain')).body).to.equal('ada')
    expect((await client.get('/notes/async')).body).to.equal('ada')
    expect((await client.get('/notes/nothing')).status).to.equal(404)
  })

  it('where it is missing, guarded routes let nobody in', async () => {
    asks = 'ada'
    const client = await serve('')
    for (const url of URLS) expect((await client.get(url)).body, url).to.include({ status: 401 })
  })

  it('is refused where there are no sessions to ask', () => {
    expect(() => guard(new RouteApp().plasma)).to.throw('this cell has no plasma.sessions')
  })
})
