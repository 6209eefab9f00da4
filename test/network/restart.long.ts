import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../support/client'
import { ANSWERED_BY, NO_CLUSTER, needCluster, sharedServers, startBalancer } from '../support/clustered-cells'
import { findFreePort } from '../support/listening'
import type { Haproxy } from '../support/haproxy'
import { CellProcess } from '../support/process'
import { until } from '../support/until'

/** Connections of clients: HAProxy allows 50 per address. */
const USERS = 24
/** A route that must not run twice for one request: it leaves a line in a file. */
const FILES = {
  'routes/orders/index.ts': `
import { appendFileSync } from 'node:fs'
export = () => ({
  'POST /': (req: any, res: any) => {
    appendFileSync('orders', req.body.order + '\\n')
    res.status(201).json({})
  },
})`,
  'dna/_shared/plasma/order-routes.json': {
    source: 'plasma/express-routes',
    reactOn: ['ExpressServer', 'ExpressSessions'],
    emitReady: 'OrderRoutes',
    path: 'routes/orders',
    mount: '/orders',
  },
  'dna/_shared/plasma/express-server.json': { port: '{$CELL_PORT}' },
  // Each logs in again and again, from one address.
  'dna/_shared/plasma/throttle.json': { address: { failures: 100_000 } },
}

/** A request that was not answered as it should be. */
interface Failure {
  what: string
  /** The cell that answered, if one did. */
  answeredBy: string
  /** In the order of {@link Load.moment}. */
  sent: number
}

/** Users who log in, act and log out, until they are told to stop. */
class Load {
  readonly failures: Failure[] = []
  readonly orders = new Set<string>()
  answers = 0
  /** Cells that have answered since {@link answerOf} was called. */
  #answering = new Set<string>()
  /** Counts what happens, to tell before from after. */
  moment = 0
  #isStopping = false
  readonly #users: Promise<void>[]

  constructor(address: string) {
    this.#users = Array.from({ length: USERS }, (_, index) => this.#run(new Client(address), `load-${index}`))
  }

  async #run(client: Client, username: string): Promise<void> {
    const credentials = { username, password: 'correct horse battery' }
    await this.#send(client, 'POST', '/api/register', [201, 409], credentials)
    while (!this.#isStopping) {
      if (!(await this.#send(client, 'POST', '/api/login', [200], credentials))) continue
      for (let request = 0; request < 20 && !this.#isStopping; request += 1) {
        await this.#send(client, 'GET', '/api/me', [200])
        const order = crypto.randomUUID()
        if (await this.#send(client, 'POST', '/orders', [201], { order })) this.orders.add(order)
      }
      await this.#send(client, 'POST', '/api/logout', [204])
    }
  }

  async #send(client: Client, method: string, path: string, expected: number[], body?: object): Promise<boolean> {
    const sent = (this.moment += 1)
    const json = { 'content-type': 'application/json' }
    try {
      const answer = await client.send(method, path, body && JSON.stringify(body), body ? json : {})
      this.answers += 1
      const answeredBy = answer.headers.get(ANSWERED_BY) ?? ''
      this.#answering.add(answeredBy)
      if (expected.includes(answer.status)) return true
      this.failures.push({ what: `${method} ${path}: ${answer.status} ${answer.text.slice(0, 200)}`, answeredBy, sent })
    } catch (error) {
      // A part of an answer, and then no more.
      if (!(error instanceof TypeError)) throw error
      this.failures.push({ what: `${method} ${path}: ${error.message}`, answeredBy: '', sent })
    }
    return false
  }

  /** Waits until so many more requests have been answered. */
  async goOn(count: number): Promise<void> {
    const enough = this.answers + count
    await until(
      () => this.answers >= enough,
      () => `${enough} requests are answered, not ${this.answers}`,
    )
  }

  /** Waits until a cell answers requests. */
  async answerOf(cell: string): Promise<void> {
    this.#answering.clear()
    await until(() => this.#answering.has(cell))
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#users)
  }
}

describe(`three cells behind the HAProxy of the docs, under load (${NO_CLUSTER})`, function () {
  this.timeout(600_000)
  needCluster()
  let shared: Awaited<ReturnType<typeof sharedServers>>
  let ports: number[]
  let cells: CellProcess[]
  let balancer: Haproxy | undefined

  const start = async (port: number): Promise<CellProcess> => {
    const env = { ...shared.env, CELL_DATA: `data-${port}`, CELL_PORT: String(port) }
    const cell = new CellProcess(shared.root, env)
    await cell.ready()
    return cell
  }

  before(async () => {
    ports = [await findFreePort(), await findFreePort(), await findFreePort()]
    shared = await sharedServers(FILES)
    cells = await Promise.all(ports.map(start))
    balancer = await startBalancer(ports)
  })
  after(async () => {
    await balancer?.stop()
    await Promise.all((cells ?? []).map((cell) => cell.end()))
  })

  /** How often each of these orders was carried out. */
  const timesOf = (orders: Set<string>): number[] => {
    const counts = new Map<string, number>()
    for (const order of readFileSync(join(shared.root, 'orders'), 'utf8').split('\n'))
      counts.set(order, (counts.get(order) ?? 0) + 1)
    return [...orders].map((order) => counts.get(order) ?? 0)
  }

  it('fail no request while all of them are restarted, one after the other', async () => {
    const load = new Load(balancer?.address ?? '')
    for (const index of [0, 1, 2]) {
      await load.goOn(200)
      const { code, stderr } = (await cells[index]?.end()) ?? {}
      expect([code, stderr]).to.deep.equal([0, ''])
      cells[index] = await start(ports[index] ?? 0)
      await load.answerOf(`cell${index + 1}`)
    }
    await load.goOn(200)
    await load.stop()
    expect(load.failures).to.deep.equal([])
    expect(new Set(timesOf(load.orders))).to.deep.equal(new Set([1]))
  })

  it('fail only requests in flight at one that is killed', async () => {
    const load = new Load(balancer?.address ?? '')
    await load.goOn(200)
    await cells[1]?.end('SIGKILL')
    const killed = load.moment
    await load.goOn(500)
    cells[1] = await start(ports[1] ?? 0)
    await load.goOn(200)
    await load.stop()
    for (const { what, answeredBy, sent } of load.failures) {
      expect(what).to.match(/: 502 |: terminated$|: fetch failed$/)
      expect(answeredBy).to.equal('')
      expect(sent).to.be.at.most(killed)
    }
    // One per user at most: nobody sends two requests at once.
    expect(load.failures.length).to.be.at.most(USERS)
    expect(new Set(timesOf(load.orders))).to.deep.equal(new Set([1]))
  })
})
