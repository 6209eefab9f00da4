import { expect } from 'chai'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { AuditLog, type AuditLine } from '../../support/audit-log'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

describe('the audit organelle', () => {
  let plasma: Organic.Plasma
  let log: AuditLog

  beforeEach(() => {
    plasma = new EventBus()
    log = new AuditLog()
  })

  const emit = async (times: number, chemical: object): Promise<void> => {
    for (let count = 0; count < times; count += 1)
      await plasma.emit<string>({ type: 'RequestRefused', time: 1, ...chemical })
  }
  const omissions = (): AuditLine[] => log.lines.filter(({ event }) => event === 'AuditLinesOmitted')

  it('writes successes as info and everything else as a warning, before the emission returns', () => {
    audit(plasma, { destination: log.file })
    void emit(1, { type: 'SessionLogin' })
    void emit(1, { type: 'SessionLoginFailed' })
    expect(log.lines.map(({ level, event, time }) => [level, event, time])).to.deep.equal([
      ['info', 'SessionLogin', '1970-01-01T00:00:00.001Z'],
      ['warn', 'SessionLoginFailed', '1970-01-01T00:00:00.001Z'],
    ])
  })

  it('takes the time from the clock of the cell if a chemical has none', async () => {
    audit(plasma, { destination: log.file })
    await emit(1, { time: undefined })
    expect(Date.parse(String(log.lines[0]?.['time']))).to.be.closeTo(Date.now(), 60_000)
  })

  it('writes whatever other reactions do, before it or after it', async () => {
    const fail = (): never => {
      throw new Error('a reaction of my own')
    }
    plasma.on('RequestRefused', fail)
    audit(plasma, { destination: log.file })
    plasma.on('RequestRefused', fail)
    await emit(1, {}).catch(() => undefined)
    expect(log.lines).to.have.length(1)
  })

  it('caps the lines of one event from one address, and counts the rest when the cell ends (OWASP ASVS 16.3.1)', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 3 })
    await emit(10, { address: '192.0.2.1' })
    await emit(3, { address: '192.0.2.2' })
    await emit(1, { address: '192.0.2.1', type: 'PasswordChanged' })
    expect(log.lines.map(({ event, address }) => `${event} ${String(address)}`)).to.deep.equal([
      ...Array<string>(3).fill('RequestRefused 192.0.2.1'),
      ...Array<string>(3).fill('RequestRefused 192.0.2.2'),
      'PasswordChanged 192.0.2.1',
    ])
    await plasma.emit('killed')
    expect(omissions()).to.have.length(1)
    expect(omissions()[0]).to.include({ level: 'warn', omittedEvent: 'RequestRefused', address: '192.0.2.1', count: 7 })
  })

  it('caps successes per owner: nobody hides a stolen login behind many of their own', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 2 })
    for (const type of ['SessionLogin', 'SessionLoginFailed']) {
      await emit(5, { type, address: '192.0.2.1', ownerId: 'eve' })
      await emit(1, { type, address: '192.0.2.1', ownerId: 'ada' })
    }
    expect(log.lines.map(({ ownerId }) => ownerId)).to.deep.equal(['eve', 'eve', 'ada', 'eve', 'eve'])
  })

  it('takes a network of IPv6 for one address, and everything without an address for another', async () => {
    audit(plasma, { destination: log.file, linesPerAddress: 2 })
    for (let host = 0; host < 5; host += 1) await emit(1, { address: `2001:db8:0:1::${host}` })
    for (const address of [undefined, 'unknown', '', 7]) await emit(1, { address })
    await plasma.emit('killed')
    expect(omissions().map(({ address, count }) => [address, count])).to.deep.equal([
      ['2001:db8:0:1::/64', 3],
      [undefined, 2],
    ])
  })

  it('writes to a file relative to the root of the cell', async () => {
    await plasma.store({ type: 'CellRoot', data: join(log.file, '..') })
    audit(plasma, { destination: './here.log' })
    expect(existsSync(join(log.file, '../here.log'))).to.equal(true)
    audit(new EventBus(), { destination: relative(process.cwd(), log.file) })
    expect(existsSync(log.file)).to.equal(true)
  })

  const refused: Record<string, unknown[]> = {
    destination: ['', null, 1, false, ['stdout'], 'stdot', 'STDOUT', 'audit.log', '.', temporaryFolder()],
    linesPerAddress: [0, 1.5, '60', null, false],
    windowSeconds: [0, 1.5, 86_401],
    source: [5],
    file: ['audit.log'],
    reactOn: ['Database'],
  }
  for (const [key, values] of Object.entries(refused)) {
    it(`is refused with its key: ${key}`, async () => {
      for (const value of values)
        expect(await rejectionOf(() => audit(plasma, { [key]: value })), String(value)).to.include({
          name: 'DnaError',
          key,
        })
    })
  }

  it('says what to write instead of a destination that may be a typo', async () => {
    const { message } = await rejectionOf(() => audit(plasma, { destination: 'stdot' }))
    expect(message)
      .to.contain('"stdot" is neither "stdout" nor "stderr"')
      .and.contain('for a file of that name write "./stdot"')
  })
})
