import { expect } from 'chai'
import { startCell } from '../../../cell'
import { newCredentials } from '../../support/client'
import { temporaryFolder } from '../../support/temporary-folder'
import {
  ClientAt,
  FREE,
  LIMITS,
  newAddress,
  startThrottledCell,
  type ThrottledCell,
} from '../../support/throttled-cell'

/** Headers in which one program or another says where a request comes from. */
const HEADERS = [
  'x-forwarded-for',
  'x-real-ip',
  'forwarded',
  'client-ip',
  'true-client-ip',
  'x-client-ip',
  'cf-connecting-ip',
  'x-forwarded-host',
  'via',
]
const ALL = Array<number>(FREE.address).fill(401)

/** What a header says of an address. */
function said(header: string, address: string): string {
  return header === 'forwarded' ? `for=${address}` : address
}

describe('the address that is counted, without a proxy that is trusted', () => {
  let cell: ThrottledCell

  beforeEach(async () => {
    cell = await startThrottledCell({ exempt: ['203.0.113.0/24'] }, { 'express-server': {} })
  })
  afterEach(() => cell.stop())

  it('is that of the connection, whatever a header says (OWASP ASVS 4.1.3)', async () => {
    const statuses: number[] = []
    for (const header of HEADERS) {
      const forged = { [header]: said(header, newAddress()) }
      statuses.push((await cell.client().post('/api/login', newCredentials(), forged)).status)
    }
    expect(statuses).to.deep.equal([...ALL, 429])
  })

  it('is exempt by no header that says so (OWASP ASVS 4.1.3)', async () => {
    for (let count = 0; count < FREE.address; count += 1)
      expect(await cell.at('203.0.113.7').logIn(newCredentials())).to.equal(401)
    for (const address of ['203.0.113.7', '127.0.0.1', '::1', '203.0.113.7, 203.0.113.7']) {
      expect(await cell.at(address).logIn(newCredentials()), address).to.equal(429)
    }
  })

  it('keeps nobody out who is named in a header (OWASP ASVS 4.1.3)', async () => {
    const told: unknown[] = []
    cell.plasma.on('LoginThrottled', ({ address }: Organic.Chemical) => told.push(address))
    await cell.at('198.51.100.1').guess(newCredentials().username, FREE.account + 1)
    expect(told).to.deep.equal(['127.0.0.1'])
  })
})

describe('the address that is counted, behind a proxy that is trusted', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell({ exempt: ['203.0.113.0/24', '2001:db8:e::7'] })
  })
  after(() => cell.stop())

  it('is what that has added, whatever its client says before it (OWASP ASVS 4.1.3)', async () => {
    const real = newAddress()
    const statuses: number[] = []
    for (let count = 0; count < FREE.address + 1; count += 1)
      statuses.push(await cell.at(`${newAddress()}, ${real}`).logIn(newCredentials()))
    expect(statuses).to.deep.equal([...ALL, 429])
  })

  for (const header of HEADERS.slice(1)) {
    it(`is not what ${header} says (OWASP ASVS 4.1.3)`, async () => {
      const from = cell.stranger()
      const statuses: number[] = []
      for (let count = 0; count < FREE.address + 1; count += 1) {
        statuses.push(
          (await from.post('/api/login', newCredentials(), { [header]: said(header, newAddress()) })).status,
        )
      }
      expect(statuses).to.deep.equal([...ALL, 429])
    })
  }

  it('makes an account known to nobody who only names it', async () => {
    const home = cell.stranger()
    const owner = await home.register()
    for (let count = 0; count < FREE.account; count += 1) await cell.stranger().guess(owner.username, 1)
    expect(await cell.at(`${home.from}, ${newAddress()}`).logIn(owner)).to.equal(429)
    expect(await cell.at(`${newAddress()}, ${home.from}`).logIn(owner)).to.equal(200)
  })

  const exempt = [
    ['in a range that is exempt', '203.0.113.9'],
    ['exempt itself', '2001:db8:e::7'],
    ['exempt, as a socket says it', '::ffff:203.0.113.9'],
  ] as const
  for (const [what, from] of exempt) {
    it(`is not counted where it is ${what}: neither its failures nor those at an account`, async () => {
      const owner = await cell.stranger().register()
      const peer = cell.at(from)
      expect(new Set(await peer.guess(owner.username, FREE.address + 2))).to.deep.equal(new Set([401]))
      expect(await cell.stranger().guess(owner.username, FREE.account + 1)).to.deep.equal([401, 401, 401, 429])
      expect(await peer.logIn(owner)).to.equal(200)
    })
  }

  const counted = [
    ['next to a range that is exempt', '203.0.114.9'],
    ['next to one that is exempt', '2001:db8:e::8'],
    ['said to come from one that is exempt', `203.0.113.9, ${newAddress()}`],
  ] as const
  for (const [what, from] of counted) {
    it(`is counted where it is ${what}`, async () => {
      const { username } = await cell.stranger().register()
      expect((await cell.at(from).guess(username, FREE.account + 1)).at(-1)).to.equal(429)
    })
  }
})

describe('the address that is counted, at a cell that other cells ask', () => {
  for (const mode of ['_users', '_apps']) {
    it(`is what a cell on this machine says of its client: ${mode}`, async () => {
      const cell = await startCell({
        mode: `${mode}+_test`,
        changes: { data: { folder: temporaryFolder() }, plasma: { throttle: LIMITS } },
      })
      try {
        const sister = cell.address ?? ''
        const told: unknown[] = []
        cell.plasma.on('LoginThrottled', ({ address }: Organic.Chemical) => told.push(address))
        const guesser = new ClientAt(sister, newAddress())
        for (let count = 0; count < FREE.address + 1; count += 1)
          await guesser.logIn({ [mode === '_users' ? 'username' : 'appname']: `nobody-${count}`, password: 'a guess' })
        expect(told).to.deep.equal([guesser.from])
        // Nor are the sister's other clients kept out.
        expect(
          await new ClientAt(sister, newAddress()).logIn({
            [mode === '_users' ? 'username' : 'appname']: 'somebody',
            password: 'a guess',
          }),
        ).to.equal(401)
      } finally {
        await cell.stop()
      }
    })
  }
})

describe('throttle that is switched off', () => {
  let cell: ThrottledCell

  before(async () => {
    cell = await startThrottledCell(false)
  })
  after(() => cell.stop())

  it('keeps nobody from guessing, and everything else goes on', async () => {
    const from = cell.stranger()
    const owner = await from.register()
    expect(new Set(await from.guess(owner.username, 15))).to.deep.equal(new Set([401]))
    expect(await from.logIn(owner)).to.equal(200)
    expect((await from.get('/api/me')).status).to.equal(200)
  })
})
