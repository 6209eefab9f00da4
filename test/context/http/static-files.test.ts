import { expect } from 'chai'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressApp from '../../../context/http/express-app'
import { staticUrl } from '../../../context/http/static-files'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import type { Answer } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { rawRequest } from '../../support/raw-request'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const FILES = {
  'public/app.js': 'run()',
  'public/css/notes.css': 'body {}',
  'public/my ü file.txt': 'text',
  'public/index.html': '<p>Hello</p>',
  'public/.hidden': 'hidden',
  'public/.git/config': 'hidden',
  'secret.txt': 'secret',
}
const FOREVER = 'public, max-age=31536000, immutable'

const start = (staticFiles: object, root: string): Promise<TestCell> =>
  startTestCell({ plasma: { 'express-server': { staticFiles } } }, root)

describe('static files', () => {
  keepErrorLog()
  let root: string
  let cell: TestCell
  before(async () => {
    root = cellFolder(FILES)
    cell = await start({ path: 'public' }, root)
  })
  after(() => cell.stop())

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    rawRequest(cell.address ?? '', { method: 'GET', path, headers })
  const cacheOf = ({ headers }: Answer): string | null => headers.get('cache-control')

  it('are kept for a year under their versioned URL, and asked for each time under any other', async () => {
    const url = staticUrl(cell.plasma, 'css/notes.css')
    expect(url).to.match(/^\/static\/css\/notes\.css\?v=[\w-]{16}$/)
    const versioned = await get(url)
    expect([versioned.status, versioned.text, cacheOf(versioned)]).to.deep.equal([200, 'body {}', FOREVER])
    expect(versioned.headers.get('content-type')).to.equal('text/css; charset=UTF-8')
    expect(versioned.headers.get('content-security-policy')).to.include("default-src 'none'")
    for (const other of ['', '?v=', '?v=AAAAAAAAAAAAAAAA', `?v=x&v=${url.slice(-16)}`, `?w=${url.slice(-16)}`]) {
      const answer = await get(`/static/css/notes.css${other}`)
      expect([answer.status, cacheOf(answer)], other).to.deep.equal([200, 'no-cache'])
    }
    const again = await get(url, { 'if-none-match': versioned.headers.get('etag') ?? '' })
    expect([again.status, again.text]).to.deep.equal([304, ''])
    expect((await get(staticUrl(cell.plasma, 'my ü file.txt'))).text).to.equal('text')
  })

  it('need no session and change none', async () => {
    const client = cell.client()
    await client.registerAndLogIn()
    const { headers } = await client.get('/static/app.js')
    expect([headers.get('set-cookie'), headers.get('cache-control')]).to.deep.equal([null, 'no-cache'])
  })

  it('are answered whole, in part or without content, and to GET and HEAD alone', async () => {
    expect((await get('/static/app.js', { range: 'bytes=0-2' })).text).to.equal('run')
    const beyond = await get('/static/app.js?v=x', { range: 'bytes=90-99' })
    expect([beyond.status, cacheOf(beyond)]).to.deep.equal([416, 'no-store'])
    const { status, text } = await rawRequest(cell.address ?? '', { method: 'HEAD', path: '/static/app.js' })
    expect([status, text]).to.deep.equal([200, ''])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await rawRequest(cell.address ?? '', { method, path: '/static/app.js' })).status, method).to.equal(404)
  })

  it('include no folder, no hidden file and nothing outside (OWASP ASVS 13.4.3)', async () => {
    const paths = ['', '/', '/css', '/css/', '/nothing', '/.hidden', '/.git/config', '/%2ehidden', '/css/../.hidden']
    const outside = ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/css/..%2f..%2f..%2fsecret.txt']
    const odd = [
      '/..%5csecret.txt',
      '/%2fetc/passwd',
      '//etc/passwd',
      '/app.js%00',
      '/app.js/',
      '/%',
      '/%ff',
      '/APP.JS',
    ]
    for (const path of [...paths, ...outside, ...odd]) {
      const { status, text } = await get(`/static${path}`)
      expect([status, /secret|hidden|root:/.test(text)], path).to.deep.equal([404, false])
    }
  })

  it('have no URL if they were not there at the boot', () => {
    for (const name of ['new.js', '.hidden', '../secret.txt', '/app.js', 'css', ''])
      expect(() => staticUrl(cell.plasma, name), name).to.throw(`there was no static file ${name}`)
  })
})

describe('static files that change while the cell runs', () => {
  it('are never kept under an old version, and no link leads out of the folder', async () => {
    const root = cellFolder({ ...FILES, 'elsewhere/notes.css': 'elsewhere' })
    const cell = await start({ path: 'public', mount: '/files' }, root)
    const client = cell.client()
    const [script, style] = [staticUrl(cell.plasma, 'app.js'), staticUrl(cell.plasma, 'css/notes.css')]
    try {
      writeFileSync(join(root, 'public/app.js'), 'changed()')
      const changed = await client.get(script)
      expect([changed.text, changed.headers.get('cache-control')]).to.deep.equal(['changed()', 'no-cache'])

      rmSync(join(root, 'public/app.js'))
      expect((await client.get(script)).status).to.equal(404)
      mkdirSync(join(root, 'public/app.js'))
      expect((await client.get(script)).status).to.equal(404)
      renameSync(join(root, 'public/css'), join(root, 'public/old'))
      symlinkSync(join(root, 'elsewhere'), join(root, 'public/css'))
      expect((await client.get(style)).status).to.equal(404)
    } finally {
      await cell.stop()
    }
  })
})

describe('a folder of static files', () => {
  const faults: [what: string, staticFiles: object, fault: string, link?: boolean][] = [
    ['is missing', { path: 'pulbic' }, 'staticFiles.path: there is no folder pulbic'],
    ['is a file', { path: 'secret.txt' }, 'staticFiles.path: there is no folder secret.txt'],
    ['is the cell itself', { path: '.' }, 'staticFiles.path: would serve the cell itself'],
    ['holds the cell', { path: '..' }, 'staticFiles.path: would serve the cell itself'],
    ['is in the DNA', { path: 'dna/_test' }, 'staticFiles.path: would serve the cell itself'],
    ['has links', { path: 'public' }, 'staticFiles.path: css/out is a link', true],
    ['is mounted everywhere', { path: 'public', mount: '' }, 'staticFiles.mount: must not be empty'],
    ['is mounted oddly', { path: 'public', mount: 'static/' }, 'staticFiles.mount: expected a prefix'],
    ['has an unknown key', { path: 'public', mont: '/x' }, 'did you mean "mount"?'],
  ]
  for (const [what, staticFiles, fault, link] of faults) {
    it(`stops the boot if it ${what}`, async () => {
      const plasma = new EventBus()
      const root = temporaryFolder()
      writeFiles(root, { ...FILES, 'dna/_test/data.json': {} })
      if (link) symlinkSync('/etc', join(root, 'public/css/out'))
      void plasma.store({ type: 'CellRoot', data: root })
      const build = (): void => expressApp(plasma, { port: 0, staticFiles }, () => undefined)
      expect((await rejectionOf(build, DnaError)).message).to.include(fault)
    })
  }

  it('stops the boot if a guard would not guard it', async () => {
    const { message } = await rejectionOf(() => start({ path: 'public', mount: '/api/files' }, cellFolder(FILES)))
    expect(message).to.match(/serveStaticFile.*was mounted before.*guards \/api/)
  })

  it('is needed for a URL', () => {
    expect(() => staticUrl(new EventBus(), 'app.js')).to.throw('names no folder of staticFiles')
  })
})
