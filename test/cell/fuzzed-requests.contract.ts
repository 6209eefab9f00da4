import { expect } from 'chai'
import fc from 'fast-check'
import { startTestCell, type TestCell } from '../support/cell'
import type { Client } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { Fuzzer, fuzzedRequest } from '../support/fuzzed-requests'

/** Requests that are sent at once. */
const AT_ONCE = 4

/**
 * What holds whatever clients send.
 *
 * @param count requests of anonymous clients; half as many come from a client that is logged in
 */
export function describeFuzzedRequests(count: number): void {
  describe(`a cell that gets ${count + count / 2} requests that nobody would write`, function () {
    this.timeout(count * 20 + 180_000)
    const errors = keepErrorLog()
    let cell: TestCell
    let fuzzer: Fuzzer
    let bystander: Client

    before(async () => {
      // A throttle would keep most requests from getting any further.
      cell = await startTestCell({ plasma: { throttle: false } })
      fuzzer = new Fuzzer(cell.address ?? '')
      bystander = cell.client()
      await bystander.registerAndLogIn()
    })
    afterEach(async () => {
      expect(errors).to.deep.equal([])
      expect((await bystander.get('/api/me')).status).to.equal(200)
    })
    after(() => cell.stop())

    it('answers each, never with a 5xx, and writes nothing but registrations while nobody is logged in', async () => {
      const before = await tables()
      await fuzz(count, () => Promise.resolve(''), [cookieOf(bystander)])
      const after = await tables()
      const registered = after.owners.length - before.owners.length
      // Browsers are redirected.
      expect((fuzzer.statuses[201] ?? 0) + (fuzzer.statuses[303] ?? 0)).to.equal(registered)
      expect(after.owners.slice(0, before.owners.length)).to.deep.equal(before.owners)
      expect(after.sessions).to.deep.equal(before.sessions)
    })

    it('answers each of a client that is logged in, and changes no other owner', async () => {
      const client = cell.client()
      let credentials = await client.registerAndLogIn()
      const logIn = async (): Promise<string> => {
        if ((await client.get('/api/me')).status === 401) {
          const { status } = await client.post('/api/login', credentials)
          if (status !== 200) credentials = await client.registerAndLogIn()
        }
        return cookieOf(client)
      }
      await fuzz(count / 2, logIn, ['id=x'])
    })

    async function fuzz(count: number, cookie: () => Promise<string>, cookies: string[]): Promise<void> {
      const batch = fc.array(fuzzedRequest(cookies), { minLength: AT_ONCE, maxLength: AT_ONCE })
      const property = fc.asyncProperty(batch, async (requests) => {
        const own = await cookie()
        const sent = requests.map((each) =>
          fuzzer.send(own ? { ...each, headers: { ...each.headers, cookie: own } } : each),
        )
        for (const status of await Promise.all(sent)) expect(status).to.be.within(200, 499)
      })
      await fc.assert(property, { numRuns: Math.ceil(count / AT_ONCE), endOnFailure: true })
    }

    /** Owners in the order of their registration, and sessions. */
    async function tables() {
      const { query } = cell.database
      const owners = await query.selectFrom('owners').selectAll().orderBy('created_at').execute()
      return { owners, sessions: await query.selectFrom('sessions').selectAll().orderBy('id_hash').execute() }
    }
  })
}

function cookieOf({ cookies }: Client): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
