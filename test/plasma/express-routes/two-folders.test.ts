import { expect } from 'chai'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, closeApps } from '../../support/route-app'

const guard = `module.exports = () => ({ '* *': (req, res) => res.sendStatus(401) })`
const open = `module.exports = () => ({ 'GET': (req, res) => res.json('open') })`

describe('a guard', () => {
  afterEach(closeApps)

  for (const [mount, files] of [
    ['/api', { 'secret.js': open }],
    ['/api/v2', { 'secret.js': open }],
    ['/API', { 'index.js': open }],
    ['', { 'api/secret.js': open }],
    ['', { '_any/secret.js': open }],
  ] as const) {
    it(`stops the boot when another folder has mounted ${Object.keys(files).join()} under "${mount}" before it`, async () => {
      const app = new RouteApp()
      await app.mount(files, { mount })
      const error = await rejectionOf(() => app.mount({ 'index.js': guard }, { mount: '/api' }))
      expect(error).to.include({ key: 'reactOn' })
      expect(error.message).to.match(/\.js was mounted before .*index\.js, which guards \/api/)
    })
  }

  it('holds for what another folder mounts below it afterwards', async () => {
    const app = new RouteApp()
    await app.mount({ 'index.js': guard }, { mount: '/api' })
    await app.mount({ 'secret.js': open }, { mount: '/api/v2' })
    expect((await (await app.listen()).get('/api/v2/secret')).status).to.equal(401)
  })

  it('of one folder leaves others alone, and one of the root is for the pages of its own', async () => {
    const app = new RouteApp()
    await app.mount({ 'index.js': open }, { mount: '/apiary' })
    await app.mount({ 'index.js': guard }, { mount: '/api' })
    await app.mount({ 'index.js': guard })
    const client = await app.listen()
    expect((await client.get('/apiary')).status).to.equal(200)
    expect((await client.get('/page')).status).to.equal(401)
  })
})
