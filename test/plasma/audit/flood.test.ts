import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog, type AuditLine } from '../../support/audit-log'
import { startThrottledCell, type ThrottledCell } from '../../support/throttled-cell'

const OTHER_SITE = { origin: 'http://evil.example' }

describe('an audit log that somebody floods', () => {
  let plasma: Organic.Plasma
  let log: AuditLog

  beforeEach(() => {
    plasma = new EventBus()
    log = new AuditLog()
  })

  const write = async (times: number, chemical: object): Promise<void> => {
    for (let count = 0; count < times; count += 1)
      await plasma.emit<string>({ type: 'RequestRefused', time: 1, ...chemical })
  }
  const omissions = (): AuditLine[] => log.lines.filter(({ event }) => event === 'AuditLinesOmitted')

  it('has so many lines of one event from one address, and one that counts the rest when the cell ends (OWASP ASVS 16.3.1)', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 3 })
    await write(10, { address: '192.0.2.1' })
    expect(log.lines).to.have.length(3)
    await plasma.emit('killed')
    expect(log.lines).to.have.length(4)
    const { time, ...omission } = omissions()[0] ?? expect.fail('nothing is told')
    expect(time).to.match(/^\d{4}-\d\d-\d\dT/)
    expect(omission).to.deep.equal({
      level: 'warn',
      event: 'AuditLinesOmitted',
      outcome: 'denied',
      omittedEvent: 'RequestRefused',
      address: '192.0.2.1',
      count: 7,
    })
  })

  it('has every line of other addresses, and of other events from the same one', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 3 })
    await write(10, { address: '192.0.2.1' })
    await write(3, { address: '192.0.2.2' })
    await write(1, { address: '192.0.2.1', type: 'PasswordChanged', ownerId: 'ada' })
    expect(log.lines.slice(3).map(({ event, address }) => `${event} ${String(address)}`)).to.deep.equal([
      ...Array<string>(3).fill('RequestRefused 192.0.2.2'),
      'PasswordChanged 192.0.2.1',
    ])
  })

  it('has the login of another owner, also from an address that has logged in to its own account too often', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 3 })
    await write(3, { type: 'SessionLogin', address: '192.0.2.1', ownerId: 'eve' })
    await write(1, { type: 'SessionLogin', address: '192.0.2.1', ownerId: 'ada' })
    expect(log.lines.map(({ ownerId }) => ownerId)).to.include('ada')
  })

  it('takes a network of IPv6 for one address, and all without an address for one', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 2 })
    for (let host = 0; host < 5; host += 1) await write(1, { address: `2001:db8:0:1::${host}` })
    for (const address of [undefined, 'unknown', '', '::ffff:0:0:0:0:1:2:3:4', 7]) await write(1, { address })
    expect(log.lines).to.have.length(4)
    await plasma.emit('killed')
    expect(omissions().map(({ address, count }) => [address, count])).to.deep.equal([
      ['2001:db8:0:1::/64', 3],
      [undefined, 3],
    ])
  })

  it('keeps no more than so many addresses in mind, and counts all others together', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 1 })
    for (let host = 0; host < 10_050; host += 1) await write(1, { address: `198.18.${host >> 8}.${host & 255}` })
    expect(log.lines).to.have.length(10_001)
    // Whoever has a count keeps it.
    await write(1, { address: '198.18.0.0' })
    await plasma.emit('killed')
    expect(omissions().map(({ address, omittedEvent, count }) => [address, omittedEvent, count])).to.deep.equal([
      ['198.18.0.0', 'RequestRefused', 1],
      [undefined, undefined, 49],
    ])
  })

  it('has lines again in the next window, and reports at the end of each', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 1, windowSeconds: 1 })
    await write(3, { address: '192.0.2.1' })
    while (omissions().length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    await write(1, { address: '192.0.2.1' })
    await plasma.emit('killed')
    expect(log.lines.map(({ event, count }) => [event, count])).to.deep.equal([
      ['RequestRefused', undefined],
      ['AuditLinesOmitted', 2],
      ['RequestRefused', undefined],
    ])
  })
})

describe('the audit log of a cell', () => {
  let cell: ThrottledCell
  const log = new AuditLog()

  before(async () => {
    cell = await startThrottledCell({}, { audit: { destination: log.file } })
  })
  after(() => cell.stop())

  it('does not grow without limit from one address, and keeps the lines of others', async () => {
    const [attacker, ada] = [cell.stranger(), cell.stranger()]
    const lines = await log.during(async () => {
      for (let count = 0; count < 100; count += 1)
        expect((await attacker.post('/api/login', {}, OTHER_SITE)).status).to.equal(403)
      await ada.registerAndLogIn()
    })
    const events = lines.map(({ event, address }) => `${event} ${String(address)}`)
    expect(events.filter((line) => line.startsWith('RequestRefused'))).to.have.length(60)
    expect(events.slice(60)).to.deep.equal([`OwnerRegistered ${ada.from}`, `SessionLogin ${ada.from}`])
  })
})
