import { expect } from 'chai'
import fc from 'fast-check'
import { join } from 'node:path'
import { Database } from '../../context/sql'
import { Client } from '../support/client'
import { Fuzzer, fuzzedRequest, type FuzzedRequest } from '../support/fuzzed-requests'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

/** Requests that are sent at once. */
const AT_ONCE = 4

/** Failures that are not slowed down: what a throttle refuses would get no further. */
const DNA = { 'dna/_unthrottled/plasma/throttle.json': 'false' }

/**
 * What holds whatever is sent.
 *
 * @param count requests of anonymous clients; half as many are sent by one who is logged in
 * @param report gets how often each status was answered
 */
export function describeFuzzedRequests(count: number, report?: (statuses: object) => void): void {
  describe(`a cell that is sent ${count + count / 2} requests as nobody would write them`, function () {
    this.timeout(count * 20 + 20_000)
    let folder: string
    let cell: CellProcess
    let address: string
    let fuzzer: Fuzzer
    let bystander: Client

    before(async () => {
      folder = copyProject(DNA)
      cell = new CellProcess(folder, { CELL_MODE: '_test+_unthrottled', CELL_DATA: 'data' })
      address = await cell.ready()
      fuzzer = new Fuzzer(address)
      bystander = new Client(address)
      await bystander.registerAndLogIn()
    })
    after(async () => {
      expect((await cell.end()).code).to.equal(0)
      expect(cell.stderr).to.equal('')
      report?.(fuzzer.statuses)
    })

    it('answers each, never with a 5xx, and writes nothing but registrations where nobody is logged in', async () => {
      const before = await tables(folder)
      await fuzz(count, () => Promise.resolve(''), cookiesOf(bystander))
      const after = await tables(folder)
      const registered = after.owners.length - before.owners.length
      // A browser is redirected.
      expect((fuzzer.statuses[201] ?? 0) + (fuzzer.statuses[303] ?? 0)).to.equal(registered)
      expect(after.owners.slice(0, before.owners.length)).to.deep.equal(before.owners)
      expect(after.sessions).to.deep.equal(before.sessions)
      expect((await bystander.get('/api/me')).status).to.equal(200)
    })

    it('answers each of somebody who is logged in, and changes nobody else', async () => {
      const client = new Client(address)
      let credentials = await client.registerAndLogIn()
      const logIn = async (): Promise<string> => {
        if ((await client.get('/api/me')).status === 401) {
          const { status } = await client.post('/api/login', credentials)
          if (status !== 200) credentials = await client.registerAndLogIn()
        }
        return cookiesOf(client).join('; ')
      }
      await fuzz(count / 2, logIn, ['id=x'])
      expect((await bystander.get('/api/me')).status).to.equal(200)
    })

    async function fuzz(count: number, cookie: () => Promise<string>, cookies: string[]): Promise<void> {
      const batch = fc.array(fuzzedRequest(cookies), { minLength: AT_ONCE, maxLength: AT_ONCE })
      await fc.assert(
        fc.asyncProperty(batch, async (requests) => {
          const own = await cookie()
          const withCookie = (request: FuzzedRequest): FuzzedRequest => {
            return own ? { ...request, headers: { ...request.headers, cookie: own } } : request
          }
          for (const status of await Promise.all(requests.map((request) => fuzzer.send(withCookie(request))))) {
            expect(status).to.be.within(200, 499)
          }
        }),
        { numRuns: Math.ceil(count / AT_ONCE), endOnFailure: true },
      )
    }
  })
}

function cookiesOf(client: Client): string[] {
  return [...client.cookies].map(([name, value]) => `${name}=${value}`)
}

/** Owners in the order of their making, and sessions. */
async function tables(folder: string) {
  const database = await Database.open(join(folder, 'data/cell.db'))
  try {
    const owners = await database.query.selectFrom('owners').selectAll().orderBy('created_at').execute()
    return { owners, sessions: await database.query.selectFrom('sessions').selectAll().orderBy('id_hash').execute() }
  } finally {
    await database.close()
  }
}
