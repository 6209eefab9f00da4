import { expect } from 'chai'
import { inspect } from 'node:util'
import type { DnaError } from '../../../context/cell'
import expressApp from '../../../context/http/express-app'
import { EventBus } from '../../../context/cell/event-bus'
import { startTestCell, type TestCell } from '../../support/cell'
import { rawRequest } from '../../support/raw-request'
import { rejectionOf } from '../../support/rejection'

const TRUSTED = ['https://app.example.org', 'http://localhost:8080']

describe('an origin that DNA trusts (OWASP ASVS 3.5.1)', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell({ plasma: { 'express-server': { trustedOrigins: TRUSTED } } })
  })
  after(() => cell.stop())

  /** 403 where it is refused; 401 where it gets as far as the guard, for nobody is logged in. */
  async function statusOf(headers: Record<string, string | string[]>): Promise<number> {
    return (await rawRequest(cell.address ?? '', { path: '/api/logout', headers })).status
  }

  for (const origin of TRUSTED) {
    for (const site of [undefined, 'cross-site', 'same-site']) {
      it(`may post here: ${origin}, with Sec-Fetch-Site ${String(site)}`, async () => {
        expect(await statusOf({ origin, ...(site !== undefined && { 'sec-fetch-site': site }) })).to.equal(401)
      })
    }
  }

  const others: (string | string[])[] = [
    'http://app.example.org',
    'https://app.example.org:8443',
    'https://app.example.org:443',
    'http://localhost',
    'http://localhost:80801',
    'https://example.org',
    'https://sub.app.example.org',
    'https://app.example.org.evil.example',
    'https://evil-app.example.org',
    'https://app.example.org/',
    'https://app.example.org/path',
    'https://evil.example@app.example.org',
    'https://app.example.org@evil.example',
    'HTTPS://APP.EXAMPLE.ORG',
    'https://App.example.org',
    'app.example.org',
    'https://',
    'null',
    '',
    '*',
    TRUSTED.join(', '),
    [TRUSTED[0] ?? '', TRUSTED[0] ?? ''],
    [TRUSTED[0] ?? '', 'https://evil.example'],
    ['https://evil.example', TRUSTED[0] ?? ''],
  ]
  for (const origin of others) {
    it(`trusts nobody who is only like it: ${inspect(origin)}`, async () => {
      expect(await statusOf({ origin })).to.equal(403)
      expect(await statusOf({ origin, 'sec-fetch-site': 'cross-site' })).to.equal(403)
    })
  }

  it('is not believed from any other header, nor without one', async () => {
    for (const name of ['referer', 'x-origin', 'host', 'x-forwarded-host']) {
      expect(await statusOf({ 'sec-fetch-site': 'cross-site', [name]: TRUSTED[0] ?? '' }), name).to.equal(403)
    }
    expect(await statusOf({ 'sec-fetch-site': 'cross-site' })).to.equal(403)
  })

  it('takes nothing from the own pages and from programs', async () => {
    expect(await statusOf({})).to.equal(401)
    expect(await statusOf({ origin: cell.address ?? '' })).to.equal(401)
    expect(await statusOf({ 'sec-fetch-site': 'same-origin' })).to.equal(401)
  })

  it('may post here and read nothing: it is told no more than others are', async () => {
    for (const method of ['OPTIONS', 'POST']) {
      const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
      const { headers } = await rawRequest(cell.address ?? '', {
        method,
        path: '/api/logout',
        headers: { origin: TRUSTED[0] ?? '', ...asked },
      })
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([])
    }
  })
})

describe('the DNA of trusted origins', () => {
  const make = (trustedOrigins: unknown): Promise<string> => {
    return new Promise((resolve) => {
      const plasma = new EventBus()
      expressApp(
        plasma,
        {
          reactOn: 'CellBuilt',
          emitReady: 'ExpressServer',
          initScript: 'context/http/express-app',
          port: 0,
          trustedOrigins,
        },
        (error) => {
          resolve(String(error))
        },
      )
      void plasma.store('CellBuilt')
    })
  }

  for (const origins of [
    [],
    ['https://app.example.org'],
    ['http://localhost:8080', 'https://[::1]:8443', 'http://10.0.0.1', 'https://xn--bcher-kva.example'],
  ]) {
    it(`takes ${inspect(origins, { breakLength: Infinity })}`, async () => {
      expect(await make(origins)).to.equal('null')
    })
  }

  const refused: unknown[] = [
    'https://app.example.org',
    null,
    true,
    7,
    {},
    { 0: 'https://app.example.org' },
    [7],
    [null],
    [undefined],
    [['https://app.example.org']],
    [/example/],
    [''],
    ['*'],
    ['null'],
    ['app.example.org'],
    ['//app.example.org'],
    ['https://'],
    ['https:app.example.org'],
    ['https://*.example.org'],
    ['https://*'],
    ['https://app.example.org/'],
    ['https://app.example.org/path'],
    ['https://app.example.org?x'],
    ['https://app.example.org#x'],
    ['https://user@app.example.org'],
    ['https://user:secret@app.example.org'],
    ['https://app.example.org:443'],
    ['http://app.example.org:80'],
    ['https://app.example.org:65536'],
    ['HTTPS://app.example.org'],
    ['https://APP.example.org'],
    ['https://bücher.example'],
    ['http://0x7f.1'],
    [' https://app.example.org'],
    ['https://app.example.org '],
    ['https://app.example.org\n'],
    ['https://app.example.org, https://b.example.org'],
    ['file://'],
    ['file:///'],
    ['data:text/html,x'],
    ['about:blank'],
    ['javascript:0'],
    ['blob:https://app.example.org'],
    ['https://app.example.org', 'null'],
    ['https://app.example.org', 'https://app.example.org/'],
  ]
  for (const origins of refused) {
    it(`refuses ${inspect(origins)}, by its key`, async () => {
      const error = await rejectionOf<DnaError>(() => make(origins))
      expect(error.name).to.equal('DnaError')
      expect(error.key.split('.')[0]).to.equal('trustedOrigins')
      expect(error.message).to.not.include('secret')
    })
  }
})
