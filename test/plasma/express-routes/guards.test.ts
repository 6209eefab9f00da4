import { expect } from 'chai'
import { join } from 'node:path'
import type { Client } from '../../support/client'
import { answer, closeApps, guard, javascript, send, serveRoutes, typescript } from '../../support/route-app'
import { temporaryFolder } from '../../support/temporary-folder'

const PASS = { 'x-pass': 'yes' }

/** Siblings of the guard, with names that a loader might sort before it. */
const SIBLINGS: Record<string, string> = {
  'aindex-report': '/api/aindex-report',
  'a-index': '/api/a-index',
  about: '/api/about',
  'zzz/deep/er': '/api/zzz/deep/er',
  'nested/aindex/page': '/api/nested/aindex/page',
  _id: '/api/17',
  '_id/edit': '/api/17/edit',
}

function siblings(extension: 'ts' | 'js'): Record<string, string> {
  const source = extension === 'ts' ? typescript : javascript
  const files = Object.keys(SIBLINGS).map((name) => [`${name}.${extension}`, source(`"GET": ${send(name)}`)] as const)
  return { [`index.${extension}`]: source(`"* *": ${guard()}, "GET": ${send('index')}`), ...Object.fromEntries(files) }
}

/** A guard, and one route behind it. */
const ME = { 'index.ts': typescript(`"* *": ${guard()}`), 'me.ts': typescript(`"GET": ${answer('me')}`) }

describe("the guard in a folder's index", () => {
  afterEach(closeApps)

  for (const extension of ['ts', 'js'] as const) {
    for (const checkout of ['checkout', 'index-of-things', 'my-index', 'index']) {
      describe(`of .${extension} files, in a project that lies in a folder called ${checkout}`, () => {
        let client: Client

        beforeEach(async () => {
          const folder = join(temporaryFolder(), checkout, 'routes/api')
          client = await serveRoutes(siblings(extension), { mount: '/api' }, folder)
        })

        it('stops every sibling, whatever it is called', async () => {
          for (const url of ['/api', ...Object.values(SIBLINGS)]) {
            expect((await client.get(url)).status, url).to.equal(401)
          }
        })

        it('lets pass whom it knows', async () => {
          for (const [name, url] of Object.entries({ index: '/api', ...SIBLINGS })) {
            const { status, body } = await client.get(url, PASS)
            expect(status, url).to.equal(200)
            expect(body, url).to.have.property('name', name)
          }
        })
      })
    }
  }

  it('stops TypeScript and JavaScript files side by side', async () => {
    const client = await serveRoutes({
      'index.ts': typescript(`"* *": ${guard()}`),
      'a.js': javascript(`"GET": ${answer('a')}`),
      'b.ts': typescript(`"GET": ${answer('b')}`),
    })
    expect((await client.get('/a')).status).to.equal(401)
    expect((await client.get('/b')).status).to.equal(401)
    expect((await client.get('/a', PASS)).body).to.deep.include({ name: 'a' })
    expect((await client.get('/b', PASS)).body).to.deep.include({ name: 'b' })
  })

  it('stops every method', async () => {
    const methods = ['GET', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND']
    const routes = methods.map((method) => `"${method}": ${answer(method)}`).join(', ')
    const client = await serveRoutes({ ...ME, 'all.ts': typescript(routes) }, { mount: '/api' })
    for (const method of methods) {
      expect((await client.send(method, '/api/all')).status, method).to.equal(401)
      expect((await client.send(method, '/api/all', undefined, PASS)).status, method).to.equal(200)
    }
  })

  it('stops HEAD', async () => {
    const client = await serveRoutes(ME)
    expect((await fetch(`${client.address}/me`, { method: 'HEAD' })).status).to.equal(401)
    expect((await fetch(`${client.address}/me`, { method: 'HEAD', headers: PASS })).status).to.equal(200)
  })

  it('stops a method that no route has', async () => {
    const client = await serveRoutes(ME, { mount: '/api' })
    expect((await client.send('DELETE', '/api/me')).status).to.equal(401)
    expect((await client.send('OPTIONS', '/api/me')).status).to.equal(401)
  })

  const below = [
    '/api',
    '/api/',
    '/api?x',
    '/API',
    '/API/me',
    '/api/ME',
    '/api/me/',
    '/api//me',
    '/api/nothing',
    '/api/%6De',
  ]
  for (const url of below) {
    it(`stops ${url}`, async () => {
      const client = await serveRoutes(ME, { mount: '/api' })
      expect((await client.get(url)).status).to.equal(401)
    })
  }

  for (const url of ['//api/me', '/%61pi/me', '/x/../api/me', '/api%2Fme', '/;/api/me', '/api;/me']) {
    it(`gives nothing away to ${url}`, async () => {
      const client = await serveRoutes(ME, { mount: '/api' })
      expect((await client.get(url)).status).to.be.oneOf([401, 404])
    })
  }

  it('leaves alone what only begins like its folder', async () => {
    const files = { ...ME, 'apiary.ts': typescript(`"GET": ${answer('inner')}`) }
    const client = await serveRoutes(files, { mount: '/api' })
    for (const url of ['/apiary', '/api-docs', '/api.json', '/ap']) {
      expect((await client.get(url)).status, url).to.equal(404)
    }
    expect((await client.get('/api/apiary')).status).to.equal(401)
  })

  it('without a mount stops everything, the root too', async () => {
    const client = await serveRoutes({
      'index.ts': typescript(`"* *": ${guard()}, "GET /": ${answer('root')}`),
      'me.ts': typescript(`"GET": ${answer('me')}`),
    })
    for (const url of ['/', '/me', '/nothing']) expect((await client.get(url)).status, url).to.equal(401)
    expect((await client.get('/', PASS)).body).to.deep.include({ name: 'root' })
  })

  it('leaves public what its own file has before it, and nothing else', async () => {
    const client = await serveRoutes(
      {
        'index.ts': typescript(`"POST /login": ${send('public')}, "* *": ${guard()}, "GET /after": ${answer('after')}`),
        'login.ts': typescript(`"GET": ${answer('login')}`),
      },
      { mount: '/api' },
    )
    expect((await client.post('/api/login')).body).to.deep.equal({ name: 'public' })
    expect((await client.get('/api/login')).status).to.equal(401)
    expect((await client.post('/api/login/x')).status).to.equal(401)
    expect((await client.get('/api/after')).status).to.equal(401)
  })
})
