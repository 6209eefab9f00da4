import { expect } from 'chai'
import { Ledger } from '../support/ledger'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

const RUNS = 50
const OWNERS = 6
/** All owners share one address, and each tries passwords that they no longer have. */
const DNA = { 'dna/_hasty/plasma/throttle.json': { address: { failures: 100_000 } } }
/** Milliseconds within which a run ends. */
const LONGEST_RUN = 1500

describe('a cell that is killed', () => {
  it(`at random moments of ${RUNS} runs under load undoes nothing that it answered`, async function () {
    this.timeout(900_000)
    const folder = copyProject(DNA)
    const start = async (): Promise<{ cell: CellProcess; address: string }> => {
      const cell = new CellProcess(folder, { CELL_MODE: '_test+_hasty', CELL_DATA: 'data' })
      return { cell, address: await cell.ready() }
    }
    const answered: Record<string, number> = {}
    let { cell, address } = await start()
    for (let run = 0; run < RUNS; run += 1) {
      const ledgers = Array.from({ length: OWNERS }, () => new Ledger(address))
      const running = Promise.all(ledgers.map((ledger) => ledger.run()))
      const after = Math.random() * LONGEST_RUN
      await new Promise((resolve) => setTimeout(resolve, after))
      expect((await cell.end('SIGKILL')).signal).to.equal('SIGKILL')
      await running

      ;({ cell, address } = await start())
      const wrong = (await Promise.all(ledgers.map((ledger) => ledger.check(address)))).flat()
      expect(wrong, `run ${run}, killed after ${Math.round(after)} ms`).to.deep.equal([])
      for (const ledger of ledgers) {
        for (const [what, count] of Object.entries(ledger.answered)) answered[what] = (answered[what] ?? 0) + count
      }
    }
    await cell.end()
    console.log(JSON.stringify({ runs: RUNS, answered }))
    for (const what of ['registration', 'login', 'password change', 'logout'])
      expect(answered[what], what).to.be.above(RUNS)
  })
})
