import { expect } from 'chai'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog } from '../../support/audit-log'
import { AuditedCell } from '../../support/audited-cell'

/** A line that nobody has written. */
const FORGED =
  '{"level":"info","time":"2026-01-01T00:00:00.000Z","event":"SessionLogin","outcome":"success","ownerId":"root"}'

/** What ends a line, or hides, moves or colours what is in it, on one screen or another. */
const TRICKS: Record<string, string> = {
  'a newline': `x\n${FORGED}\n`,
  'a carriage return': `x\r${FORGED}\r`,
  both: `x\r\n${FORGED}\r\n`,
  'a quote that ends the text': `x","event":"SessionLogin","outcome":"success","x":"`,
  'a backslash at the end': 'x\\',
  'an escape for a terminal': '\u001b[2K\u001b[1A\u001b[32mall is well\u001b[0m',
  'an escape in one byte': '\u009b2K\u009d0;title\u0007',
  'a NUL': 'x\0y',
  'a backspace and a DEL': 'x\b\b\u007f',
  'a tab, a vertical tab and a form feed': 'x\t\v\f',
  'the next line of ISO 6429': 'x\u0085y',
  'a line separator': `x\u2028${FORGED}`,
  'a paragraph separator': `x\u2029${FORGED}`,
  'an override of direction': 'x\u202egnp.exe\u202c',
  'an isolate': '\u2066x\u2069',
  'a mark of direction': 'x\u200f\u200ey\u061c',
  'what has no width': 'ad\u200bm\u200ci\u200dn\u2060\ufeff',
  'half of a character': 'x\ud800y\udc00',
  'tags that nobody sees': '\u{e0041}\u{e007f}',
  'a private character': '\ue000',
}

/** What no line may have in it. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

describe('a line of the audit log', () => {
  for (const [what, trick] of Object.entries(TRICKS)) {
    it(`cannot be forged by ${what}, in whatever it tells (OWASP ASVS 16.4.1)`, async () => {
      const log = new AuditLog()
      const plasma: Organic.Plasma = new EventBus()
      audit(plasma, { destination: log.file })
      const fields = ['ownerId', 'reason', 'session', 'address', 'agent', 'retryAfter']
      for (const field of fields) await plasma.emit<string>({ type: 'SessionLoginFailed', time: 1, [field]: trick })
      await plasma.emit<string>({ type: 'SessionLoginFailed', time: 1, actor: { id: trick } })

      const { text, lines } = log
      expect(lines).to.have.length(fields.length + 1)
      expect(text.split(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/)).to.have.length(lines.length + 1)
      for (const line of text.split('\n').slice(0, -1)) expect(line).not.to.match(FORBIDDEN)
      for (const [index, line] of lines.entries()) {
        const field = fields[index] ?? 'actor'
        expect(Object.keys(line).sort()).to.deep.equal(['event', 'level', 'outcome', 'time', field].sort())
        expect(line).to.include({ event: 'SessionLoginFailed', outcome: 'failure' })
        // What it says is there, also where it was parsed.
        expect(line[field]).to.be.a('string').and.not.match(FORBIDDEN)
      }
    })
  }

  it('keeps what people are called, and other texts as they are', async () => {
    const log = new AuditLog()
    const plasma: Organic.Plasma = new EventBus()
    audit(plasma, { destination: log.file })
    const texts = ['Ädä Łukasz', '山田太郎', 'عمر', '👩', 'a "quoted" \\ one', '<script>', ' ', 'e\u0301', '{"a":1}']
    for (const agent of texts) await plasma.emit<string>({ type: 'SessionLogin', time: 1, agent })
    expect(log.lines.map(({ agent }) => agent)).to.deep.equal(texts)
  })

  it('has an end: nobody fills a disk with one request', async () => {
    const log = new AuditLog()
    const plasma: Organic.Plasma = new EventBus()
    audit(plasma, { destination: log.file })
    const long = '\u0001'.repeat(1_000_000)
    await plasma.emit<string>({
      type: 'SessionLoginFailed',
      time: 1,
      ownerId: long,
      reason: long,
      session: long,
      address: long,
      agent: long,
      actor: { id: long },
    })
    expect(log.lines).to.have.length(1)
    expect(log.text.length).to.be.lessThan(2500)
  })
})

describe('the audit log of a cell', () => {
  const cell = new AuditedCell()
  before(() => cell.start())
  after(() => cell.stop())

  it('has exactly one line for each request, whatever name, id or program it says (OWASP ASVS 16.4.1)', async () => {
    for (const trick of Object.values(TRICKS)) {
      const from = cell.stranger()
      const lines = await cell.written(async () => {
        await from.post('/api/login', { username: trick, password: 'a wrong guess' })
        await from.post('/api/login', { appname: trick, password: trick, ownerId: trick || 'x' })
      })
      expect(lines, JSON.stringify(trick)).to.have.length(2)
      for (const line of lines)
        expect(line).to.include({ event: 'SessionLoginFailed', outcome: 'failure', address: from.from, agent: 'node' })
      expect(JSON.stringify(lines)).not.to.match(FORBIDDEN)
    }
  })

  it('has exactly one line for each request, whatever bytes are in its headers (OWASP ASVS 16.4.1)', async () => {
    const ada = await cell.person()
    const bytes = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => byte === 9 || (byte >= 32 && byte !== 127),
    )
    const agent = Buffer.from([...bytes, ...Buffer.from(' \u2028\u202e'), ...Buffer.from(FORGED)])
    const lines = await cell.written(() => post(ada.home.address, agent))
    expect(lines).to.have.length(1)
    expect(lines[0]).to.include({ event: 'RequestRefused', outcome: 'denied', address: '127.0.0.1' })
    expect(JSON.stringify(lines)).not.to.match(FORBIDDEN)
    expect(String((lines[0] as { agent: unknown }).agent)).to.have.length(256)
  })

  for (const [what, agent] of [
    ['newline', 'x\nX-Y: z'],
    ['NUL', 'x\0y'],
    ['carriage return', 'x\ry'],
  ] as const) {
    it(`has none for a header with a ${what}, which is no request, or no line more`, async () => {
      const lines = await cell.written(() => post(cell.stranger().address, Buffer.from(agent)))
      expect(lines.length).to.be.at.most(1)
      expect(cell.log.text).not.to.contain('X-Y')
    })
  }

  /** A request of another site, whose program is called so. */
  async function post(address: string, agent: Buffer): Promise<void> {
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.write(
      'POST /api/login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\nContent-Length: 0\r\nUser-Agent: ',
    )
    socket.write(Buffer.concat([agent, Buffer.from('\r\n\r\n')]))
    await textOf(socket)
  }
})
