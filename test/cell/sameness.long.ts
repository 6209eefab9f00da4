import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { Client, newCredentials } from '../support/client'
import { CellProcess, START } from '../support/process'
import { copyProject } from '../support/project'

/** As many as it takes for the medians to be steady. */
const TRIES = 1000
/** Failures that are not slowed down, so that what is measured is the login. */
const DNA = { 'dna/_unthrottled/plasma/throttle.json': 'false' }

describe('a login that fails', () => {
  it(`takes as long for a name that is unknown, a wrong password and an owner who is disabled (OWASP ASVS 6.3.8)`, async function () {
    this.timeout(300_000)
    const folder = copyProject(DNA)
    const env = { CELL_MODE: '_test+_unthrottled', CELL_DATA: 'data' }
    const cell = new CellProcess(folder, env)
    const client = new Client(await cell.ready())
    const [known, disabled] = [newCredentials(), newCredentials()]
    for (const owner of [known, disabled]) expect((await client.post('/api/register', owner)).status).to.equal(201)
    const [program, ...parameters] = [...START, 'context/commands/main.ts', 'disable', disabled.username]
    expect(spawnSync(program, parameters, { cwd: folder, env: { ...process.env, ...env } }).status).to.equal(0)

    const attempts = {
      unknown: () => newCredentials(),
      wrong: () => ({ ...known, password: 'battery horse staple' }),
      disabled: () => disabled,
    }
    const times: Record<string, number[]> = {}
    const answers = new Set<string>()
    for (let round = -20; round < TRIES; round += 1) {
      for (const [name, credentials] of shuffled(Object.entries(attempts))) {
        const body = credentials()
        const begun = performance.now()
        const { status, text, headers } = await client.post('/api/login', body)
        const time = performance.now() - begun
        answers.add(JSON.stringify([status, text, [...headers].filter(([name]) => name !== 'date')]))
        if (round >= 0) (times[name] ??= []).push(time)
      }
    }
    await cell.end()

    const medians = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]))
    const values = Object.values(medians)
    const ratio = Math.max(...values) / Math.min(...values)
    console.log(JSON.stringify({ tries: TRIES, medians, ratio }))
    expect([...answers]).to.have.length(1)
    expect(ratio, 'the slowest median to the fastest').to.be.below(1.05)
  })
})

function shuffled<T>(values: T[]): T[] {
  return values
    .map((value) => ({ value, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value)
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}
