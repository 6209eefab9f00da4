import { expect } from 'chai'
import { CellProcess } from '../../support/process'
import { copyProject } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'
import { ClientAt, FREE, LIMITS, newAddress } from '../../support/throttled-cell'

/** A cell as a process of its own, with a throttle that is soon reached. */
class ThrottledProcess {
  static #project = ''
  readonly #cell: CellProcess
  #address = ''

  constructor(data: string) {
    ThrottledProcess.#project ||= copyProject({
      'dna/_soon/plasma/throttle.json': LIMITS,
      'dna/_soon/plasma/express-server.json': { trustProxy: 'loopback' },
    })
    this.#cell = new CellProcess(ThrottledProcess.#project, { CELL_MODE: '_test+_soon', CELL_DATA: data })
  }

  async start(): Promise<this> {
    this.#address = await this.#cell.ready()
    return this
  }

  /** A client from an address, which nobody has unless it is said. */
  at(from = newAddress()): ClientAt {
    return new ClientAt(this.#address, from)
  }

  async end(signal?: NodeJS.Signals): Promise<void> {
    expect((await this.#cell.end(signal)).stderr).to.equal('')
  }
}

describe('what a throttle has counted', () => {
  it('counts after a restart, however the cell has ended (OWASP ASVS 6.3.1)', async () => {
    const data = temporaryFolder()
    let cell = await new ThrottledProcess(data).start()
    const [home, sprayer] = [newAddress(), newAddress()]
    const owner = await cell.at(home).register()
    expect(await cell.at().guess(owner.username, FREE.account)).to.deep.equal([401, 401, 401])
    for (let count = 0; count < FREE.address; count += 1)
      expect(await cell.at(sprayer).guess(`nobody-${count}`, 1)).to.deep.equal([401])

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await cell.end(signal)
      cell = await new ThrottledProcess(data).start()
      const { status, headers } = await cell.at().post('/api/login', owner)
      expect([signal, status]).to.deep.equal([signal, 429])
      expect(Number(headers.get('retry-after'))).to.be.within(20, 60)
      expect(await cell.at(sprayer).guess('nobody-else', 1)).to.deep.equal([429])
      expect(await cell.at(home).logIn(owner)).to.equal(200)
    }
    await cell.end()
  })

  describe('in two processes on one database', () => {
    let cells: [ThrottledProcess, ThrottledProcess]

    before(async () => {
      const data = temporaryFolder()
      cells = [await new ThrottledProcess(data).start(), await new ThrottledProcess(data).start()]
    })
    after(async () => {
      for (const cell of cells) await cell.end()
    })

    /** Guesses at the one and at the other in turns. */
    async function inTurns(count: number, username: (index: number) => string, from?: string): Promise<number[]> {
      const statuses: number[] = []
      for (let index = 0; index < count; index += 1) {
        statuses.push(...(await cells[index % 2 ? 1 : 0].at(from).guess(username(index), 1)))
      }
      return statuses
    }

    it('counts at an account in both together, and its owner is known to both (OWASP ASVS 6.3.1)', async () => {
      const home = newAddress()
      const owner = await cells[0].at(home).register()
      expect(await inTurns(FREE.account + 2, () => owner.username)).to.deep.equal([401, 401, 401, 429, 429])
      expect(await cells[1].at(home).logIn(owner)).to.equal(200)
    })

    it('counts of an address in both together (OWASP ASVS 6.3.1)', async () => {
      const statuses = await inTurns(FREE.address + 1, (index) => `nobody-${index}`, newAddress())
      expect(statuses).to.deep.equal([...Array<number>(FREE.address).fill(401), 429])
    })

    it('is exact where both count at once: together they admit as many as are free (OWASP ASVS 6.3.1)', async () => {
      const username = `nobody-${crypto.randomUUID()}`
      const guesses = Array.from({ length: 40 }, (_, index) => cells[index % 2 ? 1 : 0].at().guess(username, 1))
      const statuses = (await Promise.all(guesses)).flat()
      expect(
        statuses.filter((status) => status === 401),
        statuses.join(),
      ).to.have.length(FREE.account)
      expect(new Set(statuses)).to.deep.equal(new Set([401, 429]))
    })
  })
})
