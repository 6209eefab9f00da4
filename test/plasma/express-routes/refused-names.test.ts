import { expect } from 'chai'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { refusal } from '../../support/refusal'
import { rejectionOf } from '../../support/rejection'
import { RouteApp, answer, closeApps, javascript, serveRoutes, typescript } from '../../support/route-app'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const FINE = { 'fine.ts': typescript(`"GET": ${answer('fine')}`) }
const THROWS = 'throw new Error("must not be loaded")'

/** Folders of the process's own would do as well: what counts is what lies there. */
function folderWith(files: Record<string, string>): string {
  const folder = join(temporaryFolder(), 'routes')
  writeFiles(folder, files)
  return folder
}

describe('the name of a route file', () => {
  afterEach(closeApps)

  const elsewhere = [
    'index-page.ts',
    'index2.js',
    'indexes.ts',
    'indexes/x.ts',
    'index/x.ts',
    'index/index.ts',
    'inner/index-page.ts',
    'index.page.ts',
    '_.ts',
    '__id.ts',
    '_/x.ts',
    '_user-id.ts',
    '_user.id.js',
    '_1.ts',
    '_index-x.ts',
    'a(b).ts',
    'a b.ts',
    'a+b.ts',
    'a:b.ts',
    ':id.ts',
    'a*.ts',
    'a?.ts',
    '*.ts',
    '[id].ts',
    '{a,b}.ts',
    '!a.ts',
    '@a.ts',
    '$a.ts',
    'a%20b.ts',
    'ä.ts',
    '(a)/b.ts',
    '-a.ts',
    '~a.ts',
    ' .ts',
    'a.ts-b.ts',
    'a\\b.ts',
  ]
  for (const name of elsewhere) {
    it(`${name} stops the boot`, async () => {
      const { key, message } = await refusal({ ...FINE, [name]: typescript(`"GET": ${answer('it')}`) })
      expect(key).to.equal('path')
      expect(message).to.include(name.split('/')[0]).and.match(/write/)
    })
  }

  for (const name of ['me.mts', 'me.cts', 'me.mjs', 'me.cjs', 'me.tsx', 'me.jsx', 'inner/me.mts', 'index.cjs']) {
    it(`${name} stops the boot: it would not be mounted`, async () => {
      const { message } = await refusal({ ...FINE, [name]: THROWS })
      expect(message)
        .to.include(name)
        .and.match(/\.ts or \.js/)
    })
  }

  const others = [
    'fine.d.ts',
    'index.d.ts',
    'fine.test.ts',
    'fine.spec.ts',
    'fine.test.js',
    'fine.spec.js',
    'index.test.ts',
    '.test.ts',
    'data.json',
    'index.json',
    'README.md',
    'page.html',
    'Makefile',
    'fine.ts.map',
    'fine.ts~',
    '.fine.ts',
    '.hidden/index.ts',
    '.eslintrc.js',
  ]
  for (const name of others) {
    it(`${name} is passed over`, async () => {
      const client = await serveRoutes({ ...FINE, [name]: THROWS })
      expect((await client.get('/fine')).status).to.equal(200)
      const urls = [name, name.replace(/\.\w+$/, ''), name.replace(/\/index\.ts$/, '')]
      for (const url of urls) expect((await client.get(`/${url}`)).status, url).to.equal(404)
    })
  }

  it('in a folder called like a file is mounted where it lies', async () => {
    const client = await serveRoutes({ 'v1.x/me.ts': typescript(`"GET": ${answer('me')}`) })
    expect((await client.get('/v1.x/me')).body).to.have.property('name', 'me')
  })

  for (const name of ['v1.js', 'v1.ts']) {
    it(`in a folder called ${name} stops the boot`, async () => {
      const { key, message } = await refusal({ ...FINE, [`${name}/me.ts`]: typescript(`"GET": ${answer('me')}`) })
      expect(key).to.equal('path')
      expect(message)
        .to.include(`/${name}: `)
        .and.include(`write ${name.replace('.', '-')} instead`)
    })
  }
})

describe('a folder of routes', () => {
  it('that is missing stops the boot', async () => {
    const folder = join(temporaryFolder(), 'missing')
    const { message } = await rejectionOf(() => new RouteApp().mount({}, {}, folder))
    expect(message).to.include('path: there is no folder').and.include(relative(process.cwd(), folder))
  })

  it('that is a file stops the boot', async () => {
    const folder = folderWith({ 'a.ts': javascript('') })
    const { message } = await refusal({}, { path: join(relative(process.cwd(), folder), 'a.ts') })
    expect(message).to.include('a.ts')
  })

  const links: [title: string, make: (folder: string, outside: string) => void][] = [
    [
      'a link to a file',
      (folder, outside) => {
        symlinkSync(join(outside, 'me.ts'), join(folder, 'linked.ts'))
      },
    ],
    [
      'a link to a folder',
      (folder, outside) => {
        symlinkSync(outside, join(folder, 'linked'))
      },
    ],
    [
      'a link to itself',
      (folder) => {
        symlinkSync(folder, join(folder, 'linked'))
      },
    ],
    [
      'a link that leads nowhere',
      (folder) => {
        symlinkSync(join(folder, 'nothing.ts'), join(folder, 'linked.ts'))
      },
    ],
    [
      'a link deeper down',
      (folder, outside) => {
        mkdirSync(join(folder, 'inner'))
        symlinkSync(join(outside, 'me.ts'), join(folder, 'inner/linked.ts'))
      },
    ],
  ]
  for (const [title, make] of links) {
    it(`with ${title} stops the boot`, async () => {
      const outside = folderWith({ 'me.ts': typescript(`"GET": ${answer('me')}`) })
      const folder = folderWith(FINE)
      make(folder, outside)
      const { message } = await refusal({}, {}, folder)
      expect(message).to.include('linked').and.include('symbolic link').and.include('put the file itself there')
    })
  }
})
