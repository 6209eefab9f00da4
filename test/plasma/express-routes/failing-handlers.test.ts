import { expect } from 'chai'
import { keepErrorLog } from '../../support/error-log'
import { RouteApp } from '../../support/route-app'

/** What a handler may do to fail, and what Express alone would make of it. */
const FAILURES: [what: string, source: string][] = [
  ['throws nothing', '() => { throw undefined }'],
  ['throws null', '() => { throw null }'],
  ['throws a text that Express knows', "() => { throw 'route' }"],
  ['throws an error', "() => { throw new Error('on purpose') }"],
  ['returns a promise that rejects', "() => Promise.reject(new Error('on purpose'))"],
  ['returns a promise that rejects with nothing', '() => Promise.reject()'],
  ['returns a promise that rejects with a text that Express knows', "() => Promise.reject('router')"],
]

describe('a handler that fails', () => {
  keepErrorLog()

  for (const [what, source] of FAILURES) {
    it(`answers 500, and lets nobody on: ${what}`, async () => {
      const app = new RouteApp()
      await app.mount({
        'index.js': `module.exports = () => ({ '* *': ${source} })`,
        'secret.js': `module.exports = () => ({ 'GET': (req, res) => res.json('let in') })`,
      })
      const client = await app.listen()
      expect((await client.get('/secret')).status).to.equal(500)
      expect((await client.get('/')).status).to.equal(500)
    })
  }
})
