import { expect } from 'chai'
import express from 'express'
import { gzipSync } from 'node:zlib'
import { keepErrorLog } from '../../support/error-log'
import { RouteApp, closeApps } from '../../support/route-app'
import type { Client } from '../../support/client'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const GZIP = { ...JSON_TYPE, 'content-encoding': 'gzip' }
const LARGE = `{"hunter2":"${'x'.repeat(2000)}"}`
const UNKNOWN_CHARSET = { 'content-type': 'application/json; charset=utf-hunter2' }
const UNKNOWN_ENCODING = { ...JSON_TYPE, 'content-encoding': 'hunter2' }

type Row = [title: string, body: string | Buffer, headers: Record<string, string>, status: number, code: string]

/** An application that reads bodies and decodes parameters, as Express does. */
async function reading(): Promise<Client> {
  const app = new RouteApp()
  app.app.use(express.json({ limit: '1kb' }), express.urlencoded({ limit: '1kb', extended: false, parameterLimit: 3 }))
  app.app.all('/:name', (req, res, next) => {
    res.response = { name: req.params.name, body: req.body as unknown }
    next()
  })
  return app.listen()
}

describe('what Express and its parsers refuse', () => {
  const log = keepErrorLog()
  afterEach(closeApps)

  const rows: Row[] = [
    ['JSON that breaks off', '{"password":"hunter2', JSON_TYPE, 400, 'INVALID_BODY'],
    ['JSON with a word too many', '{"password":"hunter2"} hunter2', JSON_TYPE, 400, 'INVALID_BODY'],
    ['JSON that is a text', '"hunter2"', JSON_TYPE, 400, 'INVALID_BODY'],
    ['JSON that is a number', '7', JSON_TYPE, 400, 'INVALID_BODY'],
    ['no JSON at all', 'hunter2', JSON_TYPE, 400, 'INVALID_BODY'],
    ['JSON that is too large', LARGE, JSON_TYPE, 413, 'BODY_TOO_LARGE'],
    ['a form that is too large', `hunter2=${'x'.repeat(2000)}`, FORM, 413, 'BODY_TOO_LARGE'],
    ['JSON that is too large once it is inflated', gzipSync(LARGE), GZIP, 413, 'BODY_TOO_LARGE'],
    ['a charset that does not exist', '{"hunter2":1}', UNKNOWN_CHARSET, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['an encoding that does not exist', '{"hunter2":1}', UNKNOWN_ENCODING, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['gzip that is none', '{"hunter2":1}', GZIP, 400, 'BAD_REQUEST'],
  ]
  for (const [title, body, headers, status, code] of rows) {
    for (const accept of ['application/json', 'text/html']) {
      it(`${title} is a ${status} that does not repeat it, for ${accept}`, async () => {
        const client = await reading()
        const response = await fetch(`${client.address}/me`, {
          method: 'POST',
          headers: { accept, ...headers },
          body: new Uint8Array(Buffer.from(body)),
        })
        const text = await response.text()
        expect(response.status).to.equal(status)
        expect(response.headers.get('content-type')).to.include(accept === 'text/html' ? 'text/html' : 'problem+json')
        expect(text).to.not.include('hunter2').and.not.include('at JSON').and.not.include('node_modules')
        if (accept !== 'text/html') expect(JSON.parse(text)).to.include({ status, code, type: 'about:blank' })
        expect(log).to.be.empty
        expect((await client.get('/me')).status).to.equal(200)
      })
    }
  }

  it('a form with too many fields is a 413', async () => {
    const { status, body } = await (await reading()).send('POST', '/me', 'a=1&b=2&c=3&d=4', FORM)
    expect(status).to.equal(413)
    expect(body).to.have.property('detail').that.does.not.include('c=3')
  })

  for (const url of ['/%E0%A4%A', '/%', '/%ZZ', '/%C0%80', '/%ff']) {
    it(`${url} is a 400`, async () => {
      const { status, body } = await (await reading()).get(url)
      expect(status).to.equal(400)
      expect(body).to.include({ status: 400, code: 'BAD_REQUEST', title: 'Bad Request' })
      expect(log).to.be.empty
    })
  }

  const titles = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 418: "I'm a Teapot" }
  for (const [status, title] of Object.entries(titles).map(([text, title]) => [Number(text), title] as const)) {
    it(`any error with a status of ${status} keeps that status, and not its text`, async () => {
      const app = new RouteApp()
      app.app.use(() => {
        throw Object.assign(new Error('inside'), { status })
      })
      const { status: answered, body, text } = await (await app.listen()).get('/')
      expect(answered).to.equal(status)
      expect(text).to.not.include('inside')
      expect(body).to.have.property('title', title)
      expect(log).to.be.empty
    })
  }
})
