import { expect } from 'chai'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

/** More than may wait for a hash. */
const ATTACKERS = 300
const READS = 100
/** Failures that are not slowed down: the storm is to reach the hashes. */
const DNA = { 'dna/_unthrottled/plasma/throttle.json': 'false' }

describe('a storm of logins', () => {
  it(`of ${ATTACKERS} at once does not stop guarded requests, and gets no more than 401 and 503`, async function () {
    this.timeout(600_000)
    const cell = new CellProcess(copyProject(DNA), { CELL_MODE: '_test+_unthrottled', CELL_DATA: 'data' })
    const address = await cell.ready()
    const client = new Client(address)
    await client.registerAndLogIn()
    const statuses: Record<number, number> = {}
    const logins: number[] = []
    let isOver = false
    const attack = async (): Promise<void> => {
      const attacker = new Client(address)
      while (!isOver) {
        const begun = performance.now()
        const { status, headers } = await attacker.post('/api/login', newCredentials())
        statuses[status] = (statuses[status] ?? 0) + 1
        if (status === 401) logins.push(performance.now() - begun)
        // One that is told when to come back, and does sooner.
        if (headers.has('retry-after')) await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
    const storm = Promise.all(Array.from({ length: ATTACKERS }, attack))
    const reads = await readTimes(client)
    isOver = true
    await storm
    await cell.end()

    const medians = { reads: median(reads), logins: median(logins) }
    console.log(JSON.stringify({ medians, statuses }))
    expect(Object.keys(statuses)).to.have.members(['401', '503'])
    // Logins wait for one another's hashes, and a read that waited for them would take as long.
    expect(medians.reads / medians.logins, 'the median read to the median login').to.be.below(0.2)
  })
})

/** How long guarded requests take, one after the other. Milliseconds. */
async function readTimes(client: Client): Promise<number[]> {
  const times: number[] = []
  for (let read = 0; read < READS; read += 1) {
    const begun = performance.now()
    expect((await client.get('/api/me')).status).to.equal(200)
    times.push(performance.now() - begun)
  }
  return times
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}
