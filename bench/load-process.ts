import { Pool } from 'undici'
import type { LoadOptions } from './load'

/** What a {@link Load} tells this process. */
export type LoadCommand = { start: LoadOptions } | { lap: true } | { stop: true }

/** What has happened since the last lap. */
export interface Lap {
  /** Of each request, in ms. */
  latencies: number[]
  /** Answers that were not as expected, at most a few. */
  wrong: string[]
  /** Length of the lap, in seconds. */
  seconds: number
}

const MOST_WRONG = 5

let isRunning = false
let running: Promise<unknown> = Promise.resolve()
let lap = newLap()

process.on('message', (command: LoadCommand) => {
  if ('start' in command) {
    isRunning = true
    running = run(command.start)
    lap = newLap()
  } else if ('lap' in command) {
    const { startedAt, ...rest } = lap
    process.send?.({ ...rest, seconds: (performance.now() - startedAt) / 1000 } satisfies Lap)
    lap = newLap()
  } else {
    isRunning = false
    void running.then(() => process.send?.({ stopped: true }))
  }
})
process.once('disconnect', () => process.exit())

function newLap(): { startedAt: number; latencies: number[]; wrong: string[] } {
  return { startedAt: performance.now(), latencies: [], wrong: [] }
}

/** A closed loop: each connection sends its next request when it has its answer. */
async function run({ addresses, connections, path, clients }: LoadOptions): Promise<void> {
  const pools = addresses.map((address) => new Pool(address, { connections, pipelining: 1 }))
  const loops = Array.from({ length: connections }, async (_, index) => {
    const pool = pools[index % pools.length] as Pool
    while (isRunning) {
      const client = clients[Math.floor(Math.random() * clients.length)]
      const headers = { accept: 'application/json', cookie: client?.cookie ?? '' }
      const sentAt = performance.now()
      try {
        const { statusCode, body } = await pool.request({ method: 'GET', path, headers })
        const text = await body.text()
        lap.latencies.push(performance.now() - sentAt)
        if (statusCode !== 200 || !text.includes(client?.expected ?? '')) addWrong(`${statusCode}: ${text}`)
      } catch (error) {
        addWrong(String(error))
      }
    }
  })
  await Promise.all(loops)
  await Promise.all(pools.map((pool) => pool.close()))
}

function addWrong(answer: string): void {
  if (lap.wrong.length < MOST_WRONG) lap.wrong.push(answer)
}
