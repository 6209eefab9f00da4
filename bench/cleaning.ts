import { sql } from 'kysely'
import { setTimeout as wait } from 'node:timers/promises'
import { CellProcess } from '../test/support/process'
import type { Load } from './load'
import type { LoadOptions } from './load-protocol'
import { LASTING_SESSIONS, type Backend, type Backends, type OpenBackend } from './backends'
import { quantileOf } from './statistics'
import { checkAnswers, copySessions, createTemplate, pickClients } from './stored-sessions'

/** How often the expired rows are counted, in ms. */
const INTERVAL = 250

/** How a clean-up is measured. */
export interface CleaningOptions {
  /** Sessions that stay. */
  live: number
  /** Sessions that are deleted. */
  expired: number
  connections: number
  /** Different sessions that send requests. */
  clients: number
  warmUpSeconds: number
  /** For how long requests are measured before the clean-up begins. */
  quietSeconds: number
}

/** What a clean-up has shown: latencies in ms. */
export interface Cleaning {
  quiet: Latencies
  during: Latencies
  /** Within a quarter of a second. */
  seconds: number
}

/** Of requests of one phase, in ms. */
export interface Latencies {
  requests: number
  median: number
  p99: number
  /** All but one in a thousand were faster. */
  p999: number
  slowest: number
}

/** Has a cell delete expired sessions while it answers guarded requests. Redis needs none of it. */
export async function measureCleaning(
  load: Load,
  backends: Backends,
  kind: 'SQLite' | 'PostgreSQL',
  options: CleaningOptions,
): Promise<Cleaning> {
  const { live, connections, warmUpSeconds, quietSeconds } = options
  // The interval begins when the cell is ready.
  const backend = await backends.create(kind, { ...LASTING_SESSIONS, cleanupSeconds: warmUpSeconds + quietSeconds })
  await fill(backend, options)
  const cell = new CellProcess(backend.folder, backend.env)
  const open = await backend.open()
  try {
    const address = await cell.ready()
    const clients = pickClients(live, options.clients)
    await checkAnswers(address, clients.slice(0, 20))
    return await run(load, { addresses: [address], connections, path: '/api/me', clients }, open, options)
  } finally {
    await cell.end()
    await open.close()
  }
}

async function fill(backend: Backend, { live, expired }: CleaningOptions): Promise<void> {
  // It makes the tables, and ends before it cleans up.
  const cell = new CellProcess(backend.folder, backend.env)
  const address = await cell.ready()
  const open = await backend.open()
  const template = await createTemplate(address, open)
  await cell.end()
  await copySessions(open, template, live)
  const ageOf = (): number => template.expiresAt - Date.now() + 60_000
  await copySessions(open, template, expired, { first: live, ageOf })
  await open.close()
}

async function run(
  load: Load,
  loading: LoadOptions,
  { database }: OpenBackend,
  { expired, warmUpSeconds }: CleaningOptions,
): Promise<Cleaning> {
  const now = Date.now()
  const left = async (): Promise<number> => {
    const counting = sql<{ count: number }>`select count(*) as count from sessions where expires_at < ${now}`
    return (await counting.execute(database.query)).rows[0]?.count ?? 0
  }
  load.start(loading)
  await wait(warmUpSeconds * 1000)
  await load.lap()
  const quiet: number[] = []
  const during: number[] = []
  let seconds = 0
  for (let before = await left(); before > 0;) {
    await wait(INTERVAL)
    const after = await left()
    const lap = await load.lap()
    const isCleaning = after < expired
    if (isCleaning) seconds += lap.seconds
    for (const latency of lap.latencies) (isCleaning ? during : quiet).push(latency)
    before = after
  }
  await load.stop()
  if (quiet.length === 0) throw new Error('the clean-up began before the warm-up was over')
  return { quiet: latenciesOf(quiet), during: latenciesOf(during), seconds }
}

function latenciesOf(latencies: number[]): Latencies {
  const of = (share: number): number => quantileOf(latencies, share)
  return { requests: latencies.length, median: of(0.5), p99: of(0.99), p999: of(0.999), slowest: of(1) }
}
