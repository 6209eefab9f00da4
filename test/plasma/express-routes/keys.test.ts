import { expect } from 'chai'
import { RouteApp, closeApps, javascript, serveRoutes, typescript } from '../../support/route-app'
import { refusal } from '../../support/refusal'

const names = (...handlers: string[]): string => `[${handlers.join(', ')}]`
const adds = (name: string): string =>
  `function (req, res, next) { res.response = [].concat(res.response || [], '${name}'); next() }`

describe('the key of a route', () => {
  afterEach(closeApps)

  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'M-SEARCH']
  for (const method of methods) {
    it(`may be ${method}, and is for no other method`, async () => {
      const client = await serveRoutes({ 'me.js': javascript(`"${method}": ${adds(method)}`) })
      expect((await client.send(method, '/me')).body).to.deep.equal([method])
      const other = method === 'PUT' ? 'POST' : 'PUT'
      expect((await client.send(other, '/me')).status).to.equal(404)
    })
  }

  it('of every method is "* /path"', async () => {
    const client = await serveRoutes({ 'me.js': javascript(`"* /any": ${adds('any')}`) })
    for (const method of methods) expect((await client.send(method, '/me/any')).body, method).to.deep.equal(['any'])
    expect((await client.get('/me')).status).to.equal(404)
  })

  it('GET answers HEAD too, without a body', async () => {
    const client = await serveRoutes({ 'me.js': javascript(`"GET": ${adds('get')}`) })
    const response = await fetch(`${client.address}/me`, { method: 'HEAD' })
    expect([response.status, await response.text()]).to.deep.equal([200, ''])
  })

  it('orders the routes of a file as they are written', async () => {
    const routes = `"GET /first": ${adds('first')}, "* *": ${adds('between')}, "GET /last": ${adds('last')}`
    const client = await serveRoutes({ 'me.js': javascript(routes) })
    expect((await client.get('/me/last')).body).to.deep.equal(['between', 'last'])
  })

  it('may have several handlers, which run in their order', async () => {
    const client = await serveRoutes({ 'me.ts': javascript(`"GET": ${names(adds('a'), adds('b'), adds('c'))}`) })
    expect((await client.get('/me')).body).to.deep.equal(['a', 'b', 'c'])
  })

  it('with several handlers stops at one that does not go on', async () => {
    const stops = "function (req, res, next) { next(Object.assign(new Error('no'), { status: 403 })) }"
    const client = await serveRoutes({ 'me.ts': javascript(`"GET": ${names(adds('a'), stops, adds('c'))}`) })
    expect((await client.get('/me')).status).to.equal(403)
  })

  it('may be missing: a file may have no routes', async () => {
    const client = await serveRoutes({ 'me.ts': typescript('') })
    expect((await client.get('/me')).status).to.equal(404)
  })

  const refused: [title: string, key: string][] = [
    ['a bare star', '*'],
    ['a lower-case method', 'get'],
    ['a lower-case method with a path', 'get /inner'],
    ['a method that does not exist', 'FETCH'],
    ['a method that does not exist, with a path', 'FETCH /inner'],
    ['"ALL"', 'ALL /inner'],
    ['a path without a slash', 'GET inner'],
    ['a path alone', '/inner'],
    ['a star without a space', '**'],
    ['two spaces', 'GET  /inner'],
    ['a space in the path', 'GET /a b'],
    ['a space at the end', 'GET '],
    ['a space at the beginning', ' GET'],
    ['a tab', 'GET\t/inner'],
    ['nothing', ''],
    ['two methods', 'GET POST'],
    ['a path that would lose "index"', 'GET /index-page'],
    ['a path that would lose "index" further in', 'GET /the/index'],
    ['a path that would become a parameter', 'GET /_id'],
    ['a path that would become a parameter further in', 'GET /the/_id'],
  ]
  for (const [title, key] of refused) {
    it(`that is ${title} stops the boot`, async () => {
      const routes = `"GET /fine": ${adds('fine')}, ${JSON.stringify(key)}: ${adds('it')}`
      const { message } = await refusal({ 'me.js': javascript(routes) })
      expect(message).to.include('me.js').and.include(`"${key}"`).and.match(/write/)
    })
  }

  for (const extension of ['js', 'ts']) {
    const list = '[(req, res) => {}, undefined]'
    for (const value of ['undefined', 'null', '"handler"', '{}', 'true', '[undefined]', list, '[[]]', '[null]']) {
      it(`that has ${value} for a handler stops the boot, in .${extension} files`, async () => {
        const { message } = await refusal({ [`me.${extension}`]: javascript(`"GET": ${value}`) })
        expect(message).to.include(`me.${extension}`).and.include('"GET"').and.include('not a function')
      })
    }
  }

  it('that has no handler in its list stops the boot', async () => {
    const { message } = await refusal({ 'me.js': javascript('"* *": []') })
    expect(message).to.include('me.js').and.include('"* *"')
  })

  it('that is refused leaves nothing mounted', async () => {
    const app = new RouteApp()
    const files = { 'a.js': javascript(`"GET": ${adds('a')}`), 'b.js': javascript('"get": 1') }
    const failed = await app.mount(files).catch(String)
    expect(failed).to.include('b.js')
    expect((await (await app.listen()).get('/a')).status).to.equal(404)
  })
})
