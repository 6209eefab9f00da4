import { expect } from 'chai'
import { refusal } from '../../support/refusal'
import { RouteApp, answer, closeApps, serveRoutes, javascript as source } from '../../support/route-app'

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

  const different: [title: string, files: Record<string, string>][] = [
    ['methods', { 'index.ts': source(`"POST /me": ${answer('a')}`), 'me.ts': source(`"GET": ${answer('b')}`) }],
    ['places', { 'a/_id.ts': source(`"GET": ${answer('a')}`), 'b/_id.ts': source(`"GET": ${answer('b')}`) }],
    ['depths', { '_id.ts': source(`"GET": ${answer('a')}`), '_user/posts.ts': source(`"GET": ${answer('b')}`) }],
  ]
  for (const [title, files] of different) {
    it(`that differ in ${title} are both mounted`, async () => {
      expect((await serveRoutes(files)).address).to.include('http')
    })
  }

  it('may each have a guard for everything below them', async () => {
    const files = { 'index.ts': source(`"* *": ${answer('a')}`), 'me.ts': source(`"* *": ${answer('b')}`) }
    expect(await new RouteApp().mount(files)).to.be.a('string')
  })
})
