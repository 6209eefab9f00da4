import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { quantileOf } from '../../../bench/statistics'
import { cellFolder } from '../../support/cell'
import { CellProcess } from '../../support/process'
import { Visitor } from '../../support/visitor'

const ROUNDS = 50
/** For each URL in a round. */
const REQUESTS = 25

/** The CPU time of all threads of a process so far, in nanoseconds: few requests are less than a tick of `/proc/…/stat`. */
function cpuTimeOf(pid: number): number {
  const folder = `/proc/${pid}/task`
  return readdirSync(folder)
    .map((thread) => Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, time) => sum + time, 0)
}

describe('a page (needs /proc)', function () {
  this.timeout(600_000)

  before(function () {
    if (process.platform !== 'linux') this.skip()
  })

  it('costs at most twice the CPU time of the JSON route behind it', async () => {
    const cell = new CellProcess(cellFolder(), { CELL_MODE: '_test', CELL_DATA: 'data' })
    const address = await cell.ready()
    const visitor = new Visitor(address)
    const owner = await visitor.join()
    await new Visitor(address).complete('/login', owner)

    async function costOf(path: string): Promise<number> {
      const before = cpuTimeOf(cell.child.pid ?? 0)
      for (let request = 0; request < REQUESTS; request += 1)
        expect((await (path.startsWith('/api') ? visitor.get(path) : visitor.visit(path))).status).to.equal(200)
      return cpuTimeOf(cell.child.pid ?? 0) - before
    }

    const ratios: Record<string, number[]> = { '/': [], '/account': [] }
    for (let round = -5; round < ROUNDS; round += 1) {
      for (const [page, route] of [
        ['/', '/api/me'],
        ['/account', '/api/sessions'],
      ] as const) {
        // Within each round, because a busy machine is not equally busy all the time.
        const ratio = (await costOf(page)) / (await costOf(route))
        if (round >= 0) ratios[page]?.push(ratio)
      }
    }
    await cell.end()
    const medians = Object.entries(ratios).map(([page, all]) => [page, quantileOf(all, 0.5)] as const)
    console.log(JSON.stringify(medians))
    for (const [page, median] of medians) expect(median, page).to.be.below(2)
  })
})
