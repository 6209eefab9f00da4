import { expect } from 'chai'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findRouteFiles, type RoutePattern } from '../../../plasma/express-routes/files'
import { RouteApp, answer, closeApps, javascript, newRouteFolder } from '../../support/route-app'

const EVERY: RoutePattern = '/**/*.@(js|ts)'
const THROWS = 'throw new Error("must not be loaded")'

const filesOf = (names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, '']))

/** The URLs of route files with these names, in the order in which they are to be mounted. */
function urlsOf(names: string[], pattern = EVERY, checkout?: string): string[] {
  const folder = newRouteFolder(filesOf(names), checkout)
  return findRouteFiles(folder, pattern, folder).map(({ segments }) => `/${segments.join('/')}`)
}

describe('the files of routes', () => {
  afterEach(closeApps)

  const misnamed = [
    ...'index-page.ts index2.js indexes/x.ts index/x.ts inner/index-page.ts index.page.ts _.ts __id.ts _/x.ts'.split(
      ' ',
    ),
    ...'_user-id.ts _user.id.js _1.ts a(b).ts a+b.ts a:b.ts :id.ts a*.ts a?.ts [id].ts {a,b}.ts !a.ts @a.ts'.split(' '),
    ...['a%20b.ts', 'ä.ts', '(a)/b.ts', '-a.ts', '~a.ts', ' .ts', 'a b.ts', 'a\\b.ts', 'v1.js/me.ts', 'v1.ts/me.ts'],
  ]
  for (const name of misnamed) {
    it(`refuses ${name}, whose URL would not be what it says`, () => {
      expect(() => urlsOf(['fine.ts', name]))
        .to.throw(/write .* instead$/)
        .with.property('key', 'path')
    })
  }

  for (const name of ['me.mts', 'me.cjs', 'inner/me.tsx', 'index.jsx']) {
    it(`refuses ${name}, which would silently not be mounted`, () => {
      expect(() => urlsOf(['fine.ts', name])).to.throw(`${name} would not be mounted, call it .ts or .js`)
    })
  }

  it('may lie beside declarations, tests, hidden files and files of other kinds, which nobody loads', async () => {
    const others = [
      ...'fine.d.ts index.d.ts fine.test.ts fine.spec.js index.test.ts .test.ts data.json README.md Makefile'.split(
        ' ',
      ),
      ...'fine.ts.map fine.ts~ .fine.ts .hidden/index.ts inner/.eslintrc.js'.split(' '),
    ]
    expect(urlsOf(['fine.ts', ...others])).to.deep.equal(['/fine'])
    const app = new RouteApp()
    const throwing = Object.fromEntries(others.map((name) => [name, THROWS]))
    await app.mount({ ...throwing, 'fine.js': javascript(`"GET": ${answer('fine')}`) })
    expect((await (await app.listen()).get('/fine')).status).to.equal(200)
  })

  it('may be none', () => {
    expect(urlsOf(['README.md'])).to.deep.equal([])
  })

  it('need a folder', () => {
    const folder = newRouteFolder({ 'a.ts': '' })
    expect(() => findRouteFiles(join(folder, 'missing'), EVERY, folder)).to.throw('path: there is no folder missing')
    expect(() => findRouteFiles(join(folder, 'a.ts'), EVERY, folder)).to.throw('path: there is no folder a.ts')
  })

  const targets = { 'a file': 'real.ts', 'a folder': 'real', 'its own folder': '.', nothing: 'missing.ts' }
  for (const [what, target] of Object.entries(targets)) {
    it(`refuses a symbolic link to ${what}`, () => {
      const folder = newRouteFolder({ 'real.ts': '', 'real/x.ts': '', 'inner/x.ts': '' })
      symlinkSync(join(folder, target), join(folder, 'inner/linked.ts'))
      expect(() => findRouteFiles(folder, EVERY, folder)).to.throw('inner/linked.ts is a symbolic link')
    })
  }

  const twins = [
    ...['me.ts me.js', 'index.ts index.js', 'admin.ts admin/index.js', '_id.ts _user.ts', '_id.ts _user/index.ts'],
    ...['_id/edit.ts _user/edit.ts', 'Me.ts me.ts', 'Admin/users.ts admin/users.ts', 'inner/_a/_b.ts inner/_b/_a.ts'],
  ]
  for (const pair of twins) {
    it(`refuses two for one URL: ${pair}`, () => {
      expect(() => urlsOf(pair.split(' '))).to.throw(/ are for one URL, keep one of them$/)
    })
  }

  const names = '_user/index _user/aindex aindex about index me zzz/_id zzz/deep/er zzz/index v1.x/Me'.split(' ')
  for (const checkout of ['checkout', 'index-of-things', 'index/routes/index']) {
    it(`are mounted a URL before those below it and static before parameters, in a project in ${checkout}`, () => {
      const expected = '/ /about /aindex /me /v1.x/Me /zzz /zzz/deep/er /zzz/:id /:user /:user/aindex'
      const files = names.map((name) => `${name}.ts`)
      expect(urlsOf(files, EVERY, checkout).join(' ')).to.equal(expected)
    })
  }

  it('are those of the pattern, which must not leave out a file that may guard another', () => {
    expect(urlsOf(['a.js', 'b.ts'], '/**/*.js')).to.deep.equal(['/a'])
    expect(urlsOf(['a.js', 'b.ts'], '/**/*.ts')).to.deep.equal(['/b'])
    expect(() => urlsOf(['index.ts', 'about.js'], '/**/*.js'))
      .to.throw('leaves out index.ts, which may guard about.js')
      .with.property('key', 'pattern')
  })
})
