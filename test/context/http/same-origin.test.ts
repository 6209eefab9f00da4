import { expect } from 'chai'
import { inspect } from 'node:util'
import { startTestCell, type TestCell } from '../../support/cell'
import { rawRequest } from '../../support/raw-request'

type Sent = Record<string, string | string[]>

const HOST = 'cell.example:1337'
const OWN = `http://${HOST}`

describe('where a request comes from (OWASP ASVS 3.5.1)', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  /** What comes of a logout with these headers: nobody is logged in, if it gets so far. */
  async function verdict(headers: Sent): Promise<'passes' | 'is refused'> {
    const { status, body } = await rawRequest(cell.address ?? '', {
      path: '/api/logout',
      headers: { host: HOST, ...headers },
    })
    const { code } = body as { code: string }
    if (status === 403 && code === 'CROSS_ORIGIN') return 'is refused'
    if (status === 401 && code === 'OWNER_NOT_FOUND') return 'passes'
    throw new Error(`neither passes nor is refused: ${status} ${code}`)
  }

  it('is no matter for programs, which send neither Sec-Fetch-Site nor Origin', async () => {
    expect(await verdict({})).to.equal('passes')
    expect(await verdict({ referer: 'http://evil.example/', 'sec-fetch-mode': 'cors' })).to.equal('passes')
  })

  describe('by Sec-Fetch-Site', () => {
    for (const site of ['same-origin', 'none']) {
      it(`${site} passes, whatever Origin a browser makes of a page without a referrer`, async () => {
        expect(await verdict({ 'sec-fetch-site': site })).to.equal('passes')
        expect(await verdict({ 'sec-fetch-site': site, origin: OWN })).to.equal('passes')
        expect(await verdict({ 'sec-fetch-site': site, origin: 'null' })).to.equal('passes')
      })
    }

    const refused: (string | string[])[] = [
      'same-site',
      'cross-site',
      '',
      'Same-Origin',
      'SAME-ORIGIN',
      'None',
      'NONE',
      'null',
      'undefined',
      '*',
      '?1',
      'origin',
      'same',
      'same-origi',
      'same-origin2',
      'same_origin',
      '"same-origin"',
      'same-origin;v=1',
      'same-origin, none',
      'same-origin cross-site',
      'cross-site, same-origin',
      ['same-origin', 'same-origin'],
      ['none', 'none'],
      ['same-origin', 'cross-site'],
      ['cross-site', 'same-origin'],
      ['none', 'same-site'],
    ]
    for (const site of refused) {
      it(`${inspect(site)} is refused, also with the own Origin`, async () => {
        expect(await verdict({ 'sec-fetch-site': site })).to.equal('is refused')
        expect(await verdict({ 'sec-fetch-site': site, origin: OWN })).to.equal('is refused')
      })
    }
  })

  describe('by Origin, where there is no Sec-Fetch-Site', () => {
    const own: [what: string, host: string, origin: string][] = [
      ['with its port', HOST, OWN],
      ['over HTTPS, which ends at a proxy', HOST, `https://${HOST}`],
      ['of a Host in capitals', 'Cell.EXAMPLE:1337', OWN],
      ['in capitals', HOST, 'http://CELL.example:1337'],
      ['on the port of HTTP', 'cell.example', 'http://cell.example'],
      ['on the port of HTTPS', 'cell.example', 'https://cell.example'],
      ['on the port of HTTP, which a proxy names', 'cell.example:80', 'http://cell.example'],
      ['on the port of HTTPS, which a proxy names', 'cell.example:443', 'https://cell.example'],
      ['that is an address', '127.0.0.1:1337', 'http://127.0.0.1:1337'],
      ['that is an address of IPv6', '[::1]:1337', 'http://[::1]:1337'],
      ['that is a name without a dot', 'localhost:1337', 'http://localhost:1337'],
      ['that is a name in another script', 'xn--bcher-kva.example', 'http://xn--bcher-kva.example'],
    ]
    for (const [what, host, origin] of own) {
      it(`the own one passes ${what}`, async () => {
        expect(await verdict({ host, origin })).to.equal('passes')
      })
    }

    const refused: [what: string, ...origins: (string | string[])[]][] = [
      [
        'another port',
        'http://cell.example:1338',
        'http://cell.example:13370',
        'http://cell.example:133',
        'http://cell.example',
      ],
      [
        'another host',
        'http://evil.example:1337',
        'http://localhost:1337',
        'http://127.0.0.1:1337',
        'https://evil.example',
      ],
      ['a sub domain', 'http://sub.cell.example:1337', 'http://www.cell.example:1337'],
      ['the parent domain', 'http://example:1337', 'http://.example:1337'],
      [
        'a host that only begins like it',
        'http://cell.example.evil.example:1337',
        'http://cell.example:1337.evil.example',
        'http://cell.example-evil:1337',
      ],
      [
        'a host that only ends like it',
        'http://evilcell.example:1337',
        'http://evil-cell.example:1337',
        'http://evil.cell.example:1337',
      ],
      ['a host that is written otherwise', 'http://cell.example.:1337', 'http://cell%2eexample:1337'],
      [
        'one with user info',
        'http://cell.example:1337@evil.example',
        'http://evil.example@cell.example:1337',
        'http://:@cell.example:1337',
        'http://cell.example:1337:@evil.example:1337',
      ],
      [
        'one with more than an origin has',
        `${OWN}/`,
        `${OWN}/path`,
        `${OWN}?query`,
        `${OWN}#hash`,
        `http://evil.example/${OWN}`,
        `http://evil.example#${OWN}`,
      ],
      ['one without a scheme', HOST, `//${HOST}`, '/', 'cell.example'],
      ['one of half a scheme', `http:${HOST}`, `http:/${HOST}`, `http:\\\\${HOST}`, `http:///${HOST}`, `:${OWN}`],
      [
        'one of another scheme',
        `app://${HOST}`,
        `ftp://${HOST}`,
        `ws://${HOST}`,
        `chrome-extension://${HOST}`,
        `blob:${OWN}`,
        `view-source:${OWN}`,
      ],
      [
        'what has no origin',
        'null',
        'NULL',
        'file://',
        'file:///',
        `file:///${HOST}`,
        'data:text/html,x',
        'about:blank',
        'javascript:0',
      ],
      ['nothing', '', ' '],
      [
        'garbage',
        'undefined',
        '*',
        'http://',
        'http://*',
        'http://*.example:1337',
        'true',
        '[object Object]',
        'x'.repeat(1000),
      ],
      ['several in one', `${OWN} ${OWN}`, `${OWN},${OWN}`, `${OWN} http://evil.example`, `http://evil.example ${OWN}`],
      [
        'one that is sent twice',
        [OWN, OWN],
        [OWN, 'http://evil.example'],
        ['http://evil.example', OWN],
        ['null', OWN],
        [`${OWN}/`, 'http://evil.example'],
      ],
    ]
    for (const [what, ...origins] of refused) {
      for (const origin of origins) {
        it(`${what} is refused: ${inspect(origin, { maxStringLength: 60 })}`, async () => {
          expect(await verdict({ origin })).to.equal('is refused')
        })
      }
    }

    const byHost: [host: string, origin: string][] = [
      ['cell.example:443', 'http://cell.example'],
      ['cell.example:80', 'https://cell.example'],
      ['cell.example', 'http://cell.example:443'],
      ['cell.example', 'https://cell.example:80'],
      ['cell.example', 'file://cell.example'],
      ['localhost', 'capacitor://localhost'],
      ['127.0.0.1:1337', 'http://localhost:1337'],
      ['127.0.0.1:1337', 'http://2130706433:1337'],
      ['127.0.0.1:1337', 'http://0x7f.1:1337'],
      ['', 'http://cell.example'],
      ['', 'null'],
      ['null', 'null'],
      ['cell.example:port', 'http://cell.example'],
      ['[::1', 'http://[::1]'],
    ]
    for (const [host, origin] of byHost) {
      it(`${origin} is refused at the host ${inspect(host)}`, async () => {
        expect(await verdict({ host, origin })).to.equal('is refused')
      })
    }

    it('no header of a proxy that is not trusted makes another host the own one', async () => {
      const origin = 'http://evil.example'
      for (const name of ['x-forwarded-host', 'forwarded', 'x-host', 'x-original-host', 'referer']) {
        expect(
          await verdict({ origin, [name]: name === 'forwarded' ? 'host=evil.example' : 'evil.example' }),
          name,
        ).to.equal('is refused')
      }
    })
  })
})
