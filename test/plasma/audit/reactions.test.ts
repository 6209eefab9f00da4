import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog } from '../../support/audit-log'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { keepWarnings } from '../../support/warnings'

type Reaction = (chemical: Organic.Chemical, callback: (error?: unknown) => void) => unknown

const EVENTS = ['OwnerRegistered', 'SessionLogin', 'SessionLoginFailed', 'SessionLogout', 'RequestRefused']

const REACTIONS: Record<string, Reaction> = {
  throws: (_chemical) => {
    throw new Error('a reaction of my own')
  },
  rejects: (_chemical) => Promise.reject(new Error('a reaction of my own')),
  'calls back an error': (_chemical, callback) => {
    callback(new Error('a reaction of my own'))
  },
  'never ends': (_chemical, _callback) => undefined,
}

describe("a reaction of one's own to what is audited", () => {
  const warnings = keepWarnings()
  const log = new AuditLog()
  let cell: TestCell

  beforeEach(async () => {
    cell = await startTestCell({ plasma: { audit: { destination: log.file } } })
  })
  afterEach(() => cell.stop())

  for (const [what, reaction] of Object.entries(REACTIONS)) {
    it(`changes nothing where it ${what}: neither an answer nor the log`, async () => {
      for (const event of EVENTS) cell.plasma.on(event, reaction)
      const client = cell.client()
      const credentials = newCredentials()
      const lines = await log.during(async () => {
        expect((await client.post('/api/register', credentials)).status).to.equal(201)
        expect((await client.post('/api/login', credentials)).status).to.equal(200)
        expect((await cell.client().post('/api/login', { ...credentials, password: 'a wrong guess' })).status).to.equal(
          401,
        )
        expect((await client.post('/api/login', credentials, { origin: 'http://evil.example' })).status).to.equal(403)
        expect((await client.post('/api/logout')).status).to.equal(204)
      })
      expect(lines.map(({ event }) => event).sort()).to.deep.equal([...EVENTS].sort())
      const expected =
        what === 'never ends' ? [] : EVENTS.map((event) => `a reaction to ${event} failed: a reaction of my own`)
      expect([...warnings].sort()).to.deep.equal(expected.sort())
    })
  }
})

describe('a line of the audit log', () => {
  for (const order of ['before', 'after'] as const) {
    it(`is written when a reaction throws that was there ${order} it`, async () => {
      const log = new AuditLog()
      const plasma: Organic.Plasma = new EventBus()
      const react = (): unknown => plasma.on('SessionLogin', REACTIONS['throws'] ?? expect.fail('no reaction'))
      if (order === 'before') react()
      audit(plasma, { destination: log.file })
      if (order === 'after') react()
      await plasma.emit({ type: 'SessionLogin', time: 1, ownerId: 'ada' }).catch(() => undefined)
      expect(log.lines).to.have.length(1)
    })
  }

  it('is there when the emission returns, and waits for nobody', () => {
    const log = new AuditLog()
    const plasma: Organic.Plasma = new EventBus()
    audit(plasma, { destination: log.file })
    void plasma.emit({ type: 'SessionLogin', time: 1, ownerId: 'ada' })
    expect(log.lines).to.have.length(1)
  })

  it('is none for what nobody audits', async () => {
    const log = new AuditLog()
    const plasma: Organic.Plasma = new EventBus()
    audit(plasma, { destination: log.file })
    for (const type of ['CellReady', 'kill', 'SessionLogins', 'sessionlogin', '__proto__', 'constructor'])
      await plasma.emit({ type, time: 1 })
    expect(log.text).to.equal('')
  })
})
