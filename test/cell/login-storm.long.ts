import { expect } from 'chai'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

/** More than may wait for a hash. */
const ATTACKERS = 300
const READS = 300
/** Milliseconds in which a guarded request is answered, 99 times of 100, whatever the logins do. */
const SLOW = 500
/** Failures that are not slowed down: the storm is to reach the hashes. */
const DNA = { 'dna/_unthrottled/plasma/throttle.json': 'false' }

describe('a storm of logins', () => {
  it(`of ${ATTACKERS} at once does not stop guarded requests, and gets no more than 401 and 503`, async function () {
    this.timeout(120_000)
    const cell = new CellProcess(copyProject(DNA), { CELL_MODE: '_test+_unthrottled', CELL_DATA: 'data' })
    const address = await cell.ready()
    const client = new Client(address)
    await client.registerAndLogIn()
    const calm = await readTimes(client)

    const statuses: Record<number, number> = {}
    let isOver = false
    const attack = async (): Promise<void> => {
      const attacker = new Client(address)
      while (!isOver) {
        const { status, headers } = await attacker.post('/api/login', newCredentials())
        statuses[status] = (statuses[status] ?? 0) + 1
        // One that is told when to come back, and does sooner.
        if (headers.has('retry-after')) await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
    const storm = Promise.all(Array.from({ length: ATTACKERS }, attack))
    const stormy = await readTimes(client)
    isOver = true
    await storm
    await cell.end()

    console.log(JSON.stringify({ calm, stormy, statuses }))
    expect(Object.keys(statuses)).to.have.members(['401', '503'])
    expect(stormy.p99).to.be.below(SLOW)
  })
})

/** How long guarded requests take, one after the other. Milliseconds. */
async function readTimes(client: Client): Promise<{ median: number; p99: number }> {
  const times: number[] = []
  for (let read = 0; read < READS; read += 1) {
    const begun = performance.now()
    expect((await client.get('/api/me')).status).to.equal(200)
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  return { median: times[READS / 2] ?? NaN, p99: times[READS * 0.99] ?? NaN }
}
