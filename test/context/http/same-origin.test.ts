import { expect } from 'chai'
import { DnaError, checkDna } from '../../../context/cell'
import { expressServerDna } from '../../../context/http/express-server-dna'
import { isSameOrigin } from '../../../context/http/same-origin'

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

  const own: [host: string, origins: string][] = [
    [HOST, `${OWN} https://${HOST} http://CELL.example:1337 HTTP://${HOST}`],
    ['Cell.EXAMPLE:1337', OWN],
    ['cell.example', 'http://cell.example https://cell.example'],
    ['cell.example:80', 'http://cell.example'],
    ['cell.example:443', 'https://cell.example'],
    ['127.0.0.1:1337', 'http://127.0.0.1:1337'],
    ['[::1]:1337', 'http://[::1]:1337'],
    ['xn--bcher-kva.example', 'http://xn--bcher-kva.example'],
  ]
  for (const [host, origins] of own) {
    it(`accepts at the host ${host}: ${origins}`, () => {
      for (const origin of words(origins)) expect(isSameOrigin({ host, origin }), origin).to.equal(true)
    })
  }

  const others: [what: string, origins: string][] = [
    ['another port', 'http://cell.example:1338 http://cell.example:13370 http://cell.example:133 http://cell.example'],
    ['another host', 'http://evil.example:1337 http://localhost:1337 http://sub.cell.example:1337 http://example:1337'],
    ['the beginning of a host', 'http://cell.example.evil.example:1337 http://cell.example:1337.evil.example'],
    ['the end of a host', 'http://evilcell.example:1337 http://evil-cell.example:1337 http://.example:1337'],
    ['another spelling', 'http://cell.example.:1337 http://cell%2eexample:1337'],
    [
      'credentials',
      'http://cell.example:1337@evil.example http://evil.example@cell.example:1337 http://:@cell.example:1337',
    ],
    [
      'more than an origin',
      `${OWN}/ ${OWN}/path ${OWN}?query ${OWN}#hash http://evil.example/${OWN} http://evil.example#${OWN}`,
    ],
    ['no scheme', `${HOST} //${HOST} / http:${HOST} http:/${HOST} http:\\\\${HOST} http:///${HOST} :${OWN}`],
    ['another scheme', `app://${HOST} ftp://${HOST} ws://${HOST} none://${HOST} blob:${OWN} view-source:${OWN}`],
    ['an opaque origin', `null NULL file:// file:///${HOST} data:text/html,x about:blank javascript:0`],
    ['garbage', `undefined * http:// http://* http://*.example:1337 ${'x'.repeat(1000)}`],
    ['several', `${OWN},${OWN} ${OWN},http://evil.example http://evil.example,${OWN} null,${OWN}`],
  ]
  for (const [what, origins] of others) {
    it(`refuses an Origin with ${what}`, () => {
      for (const origin of words(origins)) expect(isSameOrigin({ host: HOST, origin }), origin).to.equal(false)
    })
  }

  const pairs: [host: string | undefined, origin: string][] = [
    [HOST, ''],
    [HOST, ' '],
    [HOST, `${OWN}, ${OWN}`],
    [HOST, `${OWN} http://evil.example`],
    ['cell.example:443', 'http://cell.example'],
    ['cell.example:80', 'https://cell.example'],
    ['cell.example', 'http://cell.example:443'],
    ['localhost', 'capacitor://localhost'],
    ['127.0.0.1:1337', 'http://localhost:1337'],
    ['127.0.0.1:1337', 'http://2130706433:1337'],
    ['', 'null'],
    ['null', 'null'],
    [undefined, 'http://cell.example'],
    ['cell.example:port', 'http://cell.example'],
    ['[::1', 'http://[::1]'],
  ]
  it('refuses an Origin that is not exactly the host', () => {
    for (const [host, origin] of pairs) {
      const headers = { origin, 'x-forwarded-host': 'localhost', ...(host !== undefined && { host }) }
      expect(isSameOrigin(headers), `${String(host)} ${origin}`).to.equal(false)
    }
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
