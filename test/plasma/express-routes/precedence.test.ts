import { expect } from 'chai'
import { answer, closeApps, javascript, send, serveRoutes, typescript } from '../../support/route-app'

const get = (name: string): string => typescript(`"GET": ${answer(name)}`)
const sends = (name: string): string => typescript(`"GET": ${send(name)}`)

describe('a static route', () => {
  afterEach(closeApps)

  const rows: [title: string, files: string[], urls: Record<string, string>][] = [
    ['a folder that is a parameter', ['me', '_user/index'], { '/me': 'me', '/ann': '_user/index', '/ME': 'me' }],
    ['a file that is a parameter', ['me', '_user'], { '/me': 'me', '/ann': '_user' }],
    ['one that is sorted after it', ['zoe', '_user/index'], { '/zoe': 'zoe', '/ann': '_user/index' }],
    ['a folder in the same place', ['me/index', '_user/index'], { '/me': 'me/index', '/ann': '_user/index' }],
    ['a deeper one', ['me/posts', '_user/posts'], { '/me/posts': 'me/posts', '/ann/posts': '_user/posts' }],
    ['one at its end', ['users/new', 'users/_id'], { '/users/new': 'users/new', '/users/7': 'users/_id' }],
    [
      'parameters on two levels',
      ['a/b', 'a/_y', '_x/b', '_x/_y'],
      { '/a/b': 'a/b', '/a/1': 'a/_y', '/1/b': '_x/b', '/1/2': '_x/_y' },
    ],
  ]
  for (const [parameter, files, urls] of rows) {
    for (const [form, source] of [
      ['sets res.response', get],
      ['answers itself', sends],
    ] as const) {
      it(`that ${form} goes before ${parameter}`, async () => {
        const client = await serveRoutes(Object.fromEntries(files.map((file) => [`${file}.ts`, source(file)])))
        for (const [url, name] of Object.entries(urls)) {
          const { status, body } = await client.get(url)
          expect(status, url).to.equal(200)
          expect(body, url).to.have.property('name', name)
        }
      })
    }
  }

  it('leaves its other methods to the parameter', async () => {
    const client = await serveRoutes({ 'me.ts': get('me'), '_user.ts': typescript(`"POST": ${answer('user')}`) })
    expect((await client.post('/me')).body).to.deep.equal({ name: 'user', params: { user: 'me' } })
  })
})

describe('the URL of a route', () => {
  afterEach(closeApps)

  const rows: [file: string, key: string, url: string, params: object][] = [
    ['index', 'GET', '/', {}],
    ['index', 'GET /', '/', {}],
    ['index', 'GET /inner', '/inner', {}],
    ['about', 'GET', '/about', {}],
    ['about', 'GET /', '/about/', {}],
    ['about', 'GET /inner/:id', '/about/inner/7', { id: '7' }],
    ['deep/er/index', 'GET', '/deep/er', {}],
    ['_id', 'GET', '/a%20b', { id: 'a b' }],
    ['_id/index', 'GET', '/7', { id: '7' }],
    ['users/_userId/posts/_postId', 'GET', '/users/1/posts/2', { userId: '1', postId: '2' }],
    ['users/_userId/posts', 'GET /:postId', '/users/1/posts/2', { userId: '1', postId: '2' }],
    ['style.css', 'GET', '/style.css', {}],
    ['well~known-1_0', 'GET', '/well~known-1_0', {}],
  ]
  for (const [file, key, url, params] of rows) {
    for (const mount of ['', '/api', '/api/v1.0']) {
      it(`"${key}" in ${file} under "${mount}" is ${mount}${url}`, async () => {
        const client = await serveRoutes({ [`${file}.js`]: javascript(`"${key}": ${answer('it')}`) }, { mount })
        const { status, body } = await client.get(mount + url)
        expect(status).to.equal(200)
        expect(body).to.deep.equal({ name: 'it', params })
      })
    }
  }

  it('with a parameter does not reach into the next segment', async () => {
    const client = await serveRoutes({ '_id.ts': get('id') }, { mount: '/api' })
    for (const url of ['/api', '/api/7/8', '/7', '/apix/7']) {
      expect((await client.get(url)).status, url).to.equal(404)
    }
  })
})
