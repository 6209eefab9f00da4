import { expect } from 'chai'
import { refusal } from '../../support/refusal'
import { answer, closeApps, guard, serveRoutes, javascript as source } from '../../support/route-app'

describe('two route files', () => {
  afterEach(closeApps)

  const twins: [a: string, b: string][] = [
    ['me.ts', 'me.js'],
    ['index.ts', 'index.js'],
    ['admin.ts', 'admin/index.ts'],
    ['admin.js', 'admin/index.ts'],
    ['_id.ts', '_user.ts'],
    ['_id.ts', '_user/index.ts'],
    ['_id/edit.ts', '_user/edit.ts'],
    ['Me.ts', 'me.ts'],
    ['Admin/users.ts', 'admin/users.ts'],
    ['inner/_a/_b.ts', 'inner/_b/_a.ts'],
  ]
  for (const [a, b] of twins) {
    it(`for one URL stop the boot: ${a} and ${b}`, async () => {
      const { message } = await refusal({ [a]: source(`"GET": ${answer('a')}`), [b]: source(`"POST": ${answer('b')}`) })
      expect(message).to.include(a).and.include(b).and.include('keep one of them')
    })
  }

  const routes: [a: string, keyA: string, b: string, keyB: string][] = [
    ['index.ts', 'GET /me', 'me.ts', 'GET'],
    ['index.ts', 'GET /me', 'me.ts', 'GET /'],
    ['index.ts', 'GET /me/', 'me.ts', 'GET'],
    ['index.ts', 'GET /ME', 'me.ts', 'GET'],
    ['index.ts', 'GET /:id', '_user.ts', 'GET'],
    ['index.ts', 'GET /:id/edit', '_user/edit.ts', 'GET'],
    ['index.ts', 'GET /users/:id', 'users.ts', 'GET /:user'],
    ['index.ts', '* /me', 'me.ts', '* /'],
    ['index.ts', 'GET /me/*', 'me.ts', 'GET /*'],
  ]
  for (const [a, keyA, b, keyB] of routes) {
    it(`that answer one URL stop the boot: "${keyA}" in ${a} and "${keyB}" in ${b}`, async () => {
      const files = { [a]: source(`"${keyA}": ${answer('a')}`), [b]: source(`"${keyB}": ${answer('b')}`) }
      const { message } = await refusal(files)
      expect(message).to.include(a).and.include(b).and.include('keep one of them')
    })
  }

  /** By what tells them apart: of each, its path, its key, and a request that it answers. */
  const different: Record<string, [path: string, key: string, method: string, url: string][]> = {
    methods: [
      ['index.ts', 'POST /me', 'POST', '/me'],
      ['me.ts', 'GET', 'GET', '/me'],
    ],
    places: [
      ['a/_id.ts', 'GET', 'GET', '/a/7'],
      ['b/_id.ts', 'GET', 'GET', '/b/7'],
    ],
    depths: [
      ['_id.ts', 'GET', 'GET', '/7'],
      ['_user/posts.ts', 'GET', 'GET', '/7/posts'],
    ],
  }
  for (const [title, files] of Object.entries(different)) {
    it(`that differ in ${title} are both mounted`, async () => {
      const client = await serveRoutes(
        Object.fromEntries(files.map(([path, key]) => [path, source(`"${key}": ${answer(path)}`)])),
      )
      for (const [path, , method, url] of files) {
        expect((await client.send(method, url)).body, `${method} ${url}`).to.have.property('name', path)
      }
    })
  }

  it('may each have a guard for everything below them', async () => {
    const client = await serveRoutes({
      'index.ts': source(`"* *": ${guard()}, "GET /you": ${answer('you')}`),
      'me.ts': source(`"* *": ${guard('yes', 'x-pass-me')}, "GET": ${answer('me')}`),
      'me/posts.ts': source(`"GET": ${answer('posts')}`),
    })
    const [outer, inner] = [{ 'x-pass': 'yes' }, { 'x-pass-me': 'yes' }]
    for (const url of ['/me', '/me/posts']) {
      expect((await client.get(url, outer)).status, url).to.equal(401)
      expect((await client.get(url, inner)).status, url).to.equal(401)
      expect((await client.get(url, { ...outer, ...inner })).status, url).to.equal(200)
    }
    expect((await client.get('/you', inner)).status).to.equal(401)
    expect((await client.get('/you', outer)).body).to.have.property('name', 'you')
  })
})
