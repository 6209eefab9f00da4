import { expect } from 'chai'
import { join } from 'node:path'
import { Database } from '../../context/sql'
import { cellFolder } from '../support/cell'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'

/** Enough for the medians to be steady. */
const TRIES = 500

describe('the time of logins, unthrottled', function () {
  this.timeout(600_000)

  it('is the same for an unknown name, a wrong password and a disabled owner (OWASP ASVS 6.3.8)', async () => {
    const folder = cellFolder({ 'dna/_test/plasma/throttle.json': 'false' })
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' })
    const client = new Client(await cell.ready())
    const [known, disabled] = [newCredentials(), newCredentials()]
    for (const owner of [known, disabled]) expect((await client.post('/api/register', owner)).status).to.equal(201)
    const database = await Database.open(join(folder, 'data/cell.db'))
    const { query } = database
    await query.updateTable('owners').set({ disabled_at: 1 }).where('own_name', '=', disabled.username).execute()
    await database.close()

    const attempts = {
      unknown: () => newCredentials(),
      wrong: () => ({ ...known, password: 'battery horse staple' }),
      disabled: () => disabled,
    }
    const times: Record<string, number[]> = {}
    const answers = new Set<string>()
    for (let round = -20; round < TRIES; round += 1) {
      const order = Object.entries(attempts).sort(() => Math.random() - 0.5)
      for (const [name, credentials] of order) {
        const body = credentials()
        const began = performance.now()
        const { status, text, headers } = await client.post('/api/login', body)
        const time = performance.now() - began
        answers.add(JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')]))
        if (round >= 0) (times[name] ??= []).push(time)
      }
    }
    await cell.end()
    // Within each round, because a busy machine is not equally busy all the time.
    const { unknown = [], ...others } = times
    const ratios = Object.values(others).map((other) =>
      median(other.map((time, round) => time / (unknown[round] ?? NaN))),
    )
    console.log(JSON.stringify({ tries: TRIES, medians: Object.values(times).map(median), ratios }))
    expect([...answers]).to.have.length(1)
    for (const ratio of ratios) expect(ratio, 'the time to that of an unknown name').to.be.within(1 / 1.05, 1.05)
  })
})

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}
