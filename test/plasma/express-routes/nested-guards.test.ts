import { expect } from 'chai'
import { answer, closeApps, guard, serveRoutes, typescript } from '../../support/route-app'

const get = (name: string): string => typescript(`"GET": ${answer(name)}`)

describe('a guard deeper in the routes', () => {
  afterEach(closeApps)

  it('stops its own folder, with everything below', async () => {
    const client = await serveRoutes({
      'index.ts': get('root'),
      'about.ts': get('about'),
      'administrators.ts': get('administrators'),
      'admin/index.ts': typescript(`"* *": ${guard()}, "GET": ${answer('admin')}`),
      'admin/aindex.ts': get('aindex'),
      'admin/users.ts': get('users'),
      'admin/_id/edit.ts': get('edit'),
    })
    const below = ['/admin', '/admin/', '/admin/aindex', '/admin/users', '/ADMIN/users', '/admin/7/edit', '/admin/x']
    for (const url of below) {
      expect((await client.get(url)).status, url).to.equal(401)
    }
    for (const url of ['/', '/about', '/administrators']) {
      expect((await client.get(url)).status, url).to.equal(200)
    }
    const { body } = await client.get('/admin/7/edit', { 'x-pass': 'yes' })
    expect(body).to.deep.equal({ name: 'edit', params: { id: '7' } })
  })

  it('stops the folder that a file stands beside', async () => {
    const client = await serveRoutes({
      'admin.ts': typescript(`"* *": ${guard()}, "GET": ${answer('admin')}`),
      'admin/users.ts': get('users'),
      'admin/deep/er.ts': get('deeper'),
      'admin-help.ts': get('admin-help'),
    })
    for (const url of ['/admin', '/admin/users', '/admin/deep/er']) {
      expect((await client.get(url)).status, url).to.equal(401)
      expect((await client.get(url, { 'x-pass': 'yes' })).status, url).to.equal(200)
    }
    expect((await client.get('/admin-help')).status).to.equal(200)
  })

  it('asks after the one above it, and does not take its place', async () => {
    const client = await serveRoutes({
      'index.ts': typescript(`"* *": ${guard('yes')}`),
      'admin/index.ts': typescript(`"* *": ${guard('admin')}`),
      'admin/users.ts': get('users'),
      'about.ts': get('about'),
    })
    expect((await client.get('/admin/users')).status).to.equal(401)
    expect((await client.get('/admin/users', { 'x-pass': 'admin' })).status).to.equal(401)
    expect((await client.get('/admin/users', { 'x-pass': 'yes' })).status).to.equal(401)
    expect((await client.get('/about', { 'x-pass': 'yes' })).status).to.equal(200)
  })

  it('in a folder that is a parameter stops what is below it', async () => {
    const client = await serveRoutes({
      '_user/index.ts': typescript(`"* *": ${guard()}, "GET": ${answer('user')}`),
      '_user/posts.ts': get('posts'),
    })
    for (const url of ['/ann', '/ann/posts', '/ann/x/y']) expect((await client.get(url)).status, url).to.equal(401)
    const { body } = await client.get('/ann/posts', { 'x-pass': 'yes' })
    expect(body).to.deep.equal({ name: 'posts', params: { user: 'ann' } })
  })

  it('in a folder that is a parameter does not stop its static siblings', async () => {
    const client = await serveRoutes({
      '_user/index.ts': typescript(`"* *": ${guard()}, "GET": ${answer('user')}`),
      'me.ts': get('me'),
      'help/index.ts': get('help'),
      'help/faq.ts': get('faq'),
    })
    for (const [url, name] of Object.entries({ '/me': 'me', '/help': 'help', '/help/faq': 'faq' })) {
      const { status, body } = await client.get(url)
      expect(status, url).to.equal(200)
      expect(body).to.have.property('name', name)
    }
    expect((await client.get('/ann')).status).to.equal(401)
  })

  it('for one method stops that method alone', async () => {
    const client = await serveRoutes({
      'index.ts': typescript(`"DELETE *": ${guard()}`),
      'me.ts': typescript(`"GET": ${answer('get')}, "DELETE": ${answer('delete')}`),
    })
    expect((await client.send('DELETE', '/me')).status).to.equal(401)
    expect((await client.get('/me')).status).to.equal(200)
  })
})
