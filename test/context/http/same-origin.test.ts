import { expect } from 'chai'
import type { Request, Response } from 'express'
import { METHODS, type IncomingHttpHeaders } from 'node:http'
import { DnaError, checkDna, type Problem } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import { expressServerDna } from '../../../context/http/express-server-dna'
import { isSameOrigin, refuseOtherOrigins } from '../../../context/http/same-origin'

const HOST = 'cell.example:1337'
const OWN = `http://${HOST}`
const words = (text: string): string[] => text.trim().split(/\s+/)

describe('isSameOrigin (OWASP ASVS 3.5.1)', () => {
  it('accepts programs, which send neither Sec-Fetch-Site nor Origin', () => {
    expect(isSameOrigin({ host: HOST, referer: 'http://evil.example/' })).to.equal(true)
  })

  it('accepts only same-origin and none as Sec-Fetch-Site, whatever the Origin', () => {
    const others = words(`
      same-site cross-site Same-Origin NONE null undefined * ?1 same same-origi same-origin2 "same-origin" same-origin;v=1
      same-origin,none same-origin,same-origin cross-site,same-origin`)
    for (const origin of [undefined, OWN, 'null', 'http://evil.example']) {
      const headers = { host: HOST, ...(origin !== undefined && { origin }) }
      for (const site of ['same-origin', 'none'])
        expect(isSameOrigin({ ...headers, 'sec-fetch-site': site }), site).to.equal(true)
      // Node joins repeated headers.
      for (const site of [...others, '', 'same-origin, none', 'none, none'])
        expect(isSameOrigin({ ...headers, 'sec-fetch-site': site }), site).to.equal(false)
    }
  })

  it('accepts an Origin that is the host, with either scheme', () => {
    for (const [host, origins] of [
      [HOST, `${OWN} https://${HOST} http://CELL.example:1337 HTTP://${HOST}`],
      ['Cell.EXAMPLE:1337', OWN],
      ['cell.example', 'http://cell.example https://cell.example'],
      ['cell.example:80', 'http://cell.example'],
      ['cell.example:443', 'https://cell.example'],
      ['[::1]:1337', 'http://[::1]:1337'],
      ['xn--bcher-kva.example', 'http://xn--bcher-kva.example'],
    ] as const)
      for (const origin of words(origins)) expect(isSameOrigin({ host, origin }), origin).to.equal(true)
  })

  it('refuses an Origin with another host, port or scheme, with more than an origin, or with several', () => {
    const others = words(`
      http://cell.example:1338 http://cell.example:13370 http://cell.example:133 http://cell.example
      http://evil.example:1337 http://localhost:1337 http://sub.cell.example:1337 http://example:1337
      http://cell.example.evil.example:1337 http://evilcell.example:1337 http://.example:1337
      http://cell.example.:1337 http://cell%2eexample:1337
      http://cell.example:1337@evil.example http://evil.example@cell.example:1337 http://:@cell.example:1337
      ${OWN}/ ${OWN}/path ${OWN}?query ${OWN}#hash http://evil.example/${OWN} http://evil.example#${OWN}
      ${HOST} //${HOST} / http:${HOST} http:/${HOST} http:\\\\${HOST} http:///${HOST} :${OWN}
      app://${HOST} ftp://${HOST} blob:${OWN} null NULL file:// file:///${HOST} about:blank javascript:0
      undefined * http:// http://* http://*.example:1337 ${'x'.repeat(1000)}
      ${OWN},${OWN} ${OWN},http://evil.example http://evil.example,${OWN} null,${OWN}`)
    for (const origin of others) expect(isSameOrigin({ host: HOST, origin }), origin).to.equal(false)
  })

  const pairs: [host: string | undefined, origin: string][] = [
    [HOST, ''],
    [HOST, `${OWN}, ${OWN}`],
    ['cell.example:443', 'http://cell.example'],
    ['cell.example:80', 'https://cell.example'],
    ['cell.example', 'http://cell.example:443'],
    ['127.0.0.1:1337', 'http://localhost:1337'],
    ['127.0.0.1:1337', 'http://2130706433:1337'],
    ['null', 'null'],
    [undefined, 'http://cell.example'],
    ['[::1', 'http://[::1]'],
  ]
  it('refuses an Origin that is not exactly the host', () => {
    for (const [host, origin] of pairs) {
      const headers = { origin, 'x-forwarded-host': 'localhost', ...(host !== undefined && { host }) }
      expect(isSameOrigin(headers), `${String(host)} ${origin}`).to.equal(false)
    }
  })
})

describe('refuseOtherOrigins', () => {
  const TRUSTED = 'https://app.example.org'
  const plasma = new EventBus()
  const chemicals: Organic.Chemical[] = []
  plasma.on('RequestRefused', (chemical: Organic.Chemical) => chemicals.push(chemical))
  const handler = refuseOtherOrigins(plasma, [TRUSTED])
  beforeEach(() => (chemicals.length = 0))

  /** The code of the error that Express gets for a request, if there is one. */
  function refusalOf(method: string, headers: IncomingHttpHeaders): string | undefined {
    let refusal: unknown
    handler({ method, headers, ip: '127.0.0.1' } as Request, {} as Response, (given) => (refusal = given))
    if (refusal !== undefined) expect(refusal).to.include({ status: 403 })
    return (refusal as Problem | undefined)?.code
  }
  const CROSS_SITE = { 'sec-fetch-site': 'cross-site' }

  it('refuses every method that may change something, and only from other origins', () => {
    for (const method of METHODS) {
      const isSafe = /^(GET|HEAD|OPTIONS|TRACE)$/.test(method)
      expect(refusalOf(method, CROSS_SITE), method).to.equal(isSafe ? undefined : 'CROSS_ORIGIN')
      expect(refusalOf(method, { 'sec-fetch-site': 'same-origin' }), method).to.equal(undefined)
    }
  })

  it('accepts exactly the origins that DNA trusts', () => {
    for (const headers of [{ origin: TRUSTED }, { ...CROSS_SITE, origin: TRUSTED }])
      expect(refusalOf('POST', headers)).to.equal(undefined)
    for (const origin of [`${TRUSTED}/`, `${TRUSTED}:8443`, 'https://App.example.org', `${TRUSTED}, ${TRUSTED}`, ''])
      expect(refusalOf('POST', { ...CROSS_SITE, origin }), origin).to.equal('CROSS_ORIGIN')
    const others = { ...CROSS_SITE, referer: TRUSTED, 'x-forwarded-host': TRUSTED }
    expect(refusalOf('POST', others)).to.equal('CROSS_ORIGIN')
  })

  it('emits RequestRefused once, with the address and agent but nothing secret (OWASP ASVS 16.3.1, 16.2.5)', () => {
    refusalOf('POST', { 'sec-fetch-site': 'same-origin' })
    expect(chemicals).to.deep.equal([])
    const secrets = { cookie: 'id=s%3Ahunter2', authorization: 'Bearer hunter2', origin: 'http://hunter2' }
    refusalOf('POST', { ...CROSS_SITE, ...secrets, referer: 'hunter2', 'user-agent': 'x'.repeat(999) })
    const [{ time, ...facts } = { type: '' }, ...others] = chemicals
    expect([typeof time, others]).to.deep.equal(['number', []])
    const client = { address: '127.0.0.1', agent: 'x'.repeat(256) }
    expect(facts).to.deep.equal({ type: 'RequestRefused', reason: 'CROSS_ORIGIN', ...client })
  })
})

describe('trustedOrigins in DNA', () => {
  const check = (trustedOrigins: unknown): unknown => checkDna(expressServerDna, { port: 0, trustedOrigins })

  it('takes origins', () => {
    const origins = words(
      'https://app.example.org http://localhost:8080 https://[::1]:8443 https://xn--bcher-kva.example',
    )
    expect(check(origins)).to.have.deep.property('trustedOrigins', origins)
    expect(check(undefined)).to.have.deep.property('trustedOrigins', [])
  })

  it('refuses everything else, by its key', () => {
    const strings = words(`
      * null app.example.org //app.example.org https:// https:app.example.org https://*.example.org https://*
      https://app.example.org/ https://app.example.org/path https://app.example.org?x https://app.example.org#x
      https://user@app.example.org https://user:secret@app.example.org https://app.example.org:443 http://app.example.org:80
      https://app.example.org:65536 HTTPS://app.example.org https://APP.example.org https://bücher.example http://0x7f.1
      https://a.example,https://b.example file:// data:text/html,x about:blank blob:https://app.example.org`)
    const items = [
      ...strings,
      '',
      ' https://app.example.org',
      'https://app.example.org\n',
      7,
      null,
      ['https://a.example'],
    ]
    const values = [...items.map((item) => ['https://ok.example', item]), 'https://app.example.org', null, true, {}]
    for (const value of values) {
      expect(() => check(value), JSON.stringify(value))
        .to.throw(DnaError, /^(?!.*secret)/s)
        .with.property('key')
        .that.matches(/^trustedOrigins/)
    }
  })
})
