import { verify } from '@node-rs/argon2'
import { setTimeout as wait } from 'node:timers/promises'
import { HttpConnection, requestOf } from './http-connection'
import type { HashingOptions, Lap, LoadCommand, LoadOptions } from './load-protocol'

const MOST_WRONG = 5

let isRunning = false
let running: Promise<unknown> = Promise.resolve()
let lap = newLap()

process.on('message', (command: LoadCommand) => {
  if ('start' in command) {
    isRunning = true
    running = 'passwordHash' in command.start ? verifyPasswords(command.start) : sendRequests(command.start)
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

async function sendRequests({ addresses, connections, path, clients, pause = 0 }: LoadOptions): Promise<void> {
  const requests = clients.map((client) => ({ bytes: requestOf({ path, ...client }), expected: client.expected }))
  await repeat(connections, (index) => {
    const connection = new HttpConnection(addresses[index % addresses.length] ?? '')
    return {
      work: async () => {
        const request = requests[Math.floor(Math.random() * requests.length)] ?? { bytes: Buffer.of(), expected: '' }
        const { status, body } = await connection.send(request.bytes)
        if (status !== 200 || !body.includes(request.expected)) addWrong(`${status}: ${body}`)
      },
      rest: () => (pause > 0 ? wait(pause) : undefined),
      end: () => {
        connection.close()
      },
    }
  })
}

async function verifyPasswords({ passwordHash, connections }: HashingOptions): Promise<void> {
  await repeat(connections, () => ({ work: () => verify(passwordHash, 'not the password') }))
}

/** What one connection does over and over. */
interface Loop {
  work: () => Promise<unknown>
  rest?: () => Promise<unknown> | undefined
  end?: () => void
}

async function repeat(connections: number, startLoop: (index: number) => Loop): Promise<void> {
  const loops = Array.from({ length: connections }, async (_, index) => {
    const { work, rest, end } = startLoop(index)
    while (isRunning) {
      const startedAt = performance.now()
      try {
        await work()
        lap.latencies.push(performance.now() - startedAt)
      } catch (error) {
        addWrong(String(error))
      }
      await rest?.()
    }
    end?.()
  })
  await Promise.all(loops)
}

function addWrong(answer: string): void {
  if (lap.wrong.length < MOST_WRONG) lap.wrong.push(answer)
}
