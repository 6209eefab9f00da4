import { parseArgs } from 'node:util'
import { CellProcess } from '../test/support/process'
import { measureCleaning } from './cleaning'
import { Load } from './load'
import type { LoadOptions } from './load-protocol'
import { describeMachine, versionOf } from './machine'
import { measureRound, warmUp, type Round } from './measure'
import { canCreate, Backends, type Backend, type BackendKind } from './backends'
import { print, runProgram } from './program'
import { formatNumber, formatQuartiles, formatTable } from './statistics'
import { checkAnswers, copySessions, createTemplate, pickClients } from './stored-sessions'

const HELP = `npm run bench:scale -- [options]: how the cost of a guarded request grows. Needs Linux.

  --stores SQLite,PostgreSQL,Redis  session stores; those that the machine has not are left out
  --sizes 1000,100000,1000000       stored sessions
  --cells 1,2,3                     cells that share PostgreSQL and Redis; 0 for none of it
  --expired 100000                  sessions that are cleaned up; 0 for none of it
  --rounds 8 --seconds 4 --warm-up 10 --connections 32 --clients 1000`

const MOST_CHECKED = 50
/** Seconds at the beginning of each round that are not measured. */
const LEAD = 1
const KINDS: BackendKind[] = ['SQLite', 'PostgreSQL', 'Redis']

type Options = ReturnType<typeof parseOptions>

/** What is measured against others, in the same rounds. */
interface Contender {
  name: string
  /** Its cost is compared with that of this one. */
  base: string
  size: number
  load: LoadOptions
  cells: CellProcess[]
  backend: Backend
  rounds: Round[]
}

function parseOptions() {
  const text = (value: string) => ({ type: 'string' as const, default: value })
  const { values } = parseArgs({
    options: {
      stores: text(KINDS.join()),
      sizes: text('1000,100000,1000000'),
      cells: text('1,2,3'),
      expired: text('100000'),
      rounds: text('8'),
      seconds: text('4'),
      'warm-up': text('10'),
      connections: text('32'),
      clients: text('1000'),
      help: { type: 'boolean', default: false },
    },
  })
  const numbers = (list: string): number[] => list.split(',').map(Number)
  return {
    kinds: KINDS.filter((kind) => values.stores.toLowerCase().split(',').includes(kind.toLowerCase())).filter(
      canCreate,
    ),
    sizes: numbers(values.sizes),
    cells: numbers(values.cells).filter((count) => count > 0),
    expired: Number(values.expired),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    warmUpSeconds: Number(values['warm-up']),
    connections: Number(values.connections),
    clients: Number(values.clients),
    help: values.help,
  }
}

async function main(): Promise<void> {
  const options = parseOptions()
  if (options.help) return print(HELP)
  const { kinds, sizes, rounds, seconds, connections, clients } = options
  const programs = kinds.map((kind) => ({ SQLite: '', PostgreSQL: 'postgres', Redis: 'redis-server' })[kind])
  print(describeMachine(programs.filter((program) => program !== '').map(versionOf)))
  print(`${connections} connections, ${clients} different sessions, ${rounds} rounds of ${seconds} s each`)
  const load = new Load()
  const backends = new Backends()
  try {
    const filling = kinds.map(async (kind) => {
      const ofKind: Contender[] = []
      for (const size of sizes) ofKind.push(await contend(backends, kind, size, options))
      return ofKind
    })
    const contenders = (await Promise.all(filling)).flat()
    await measure(load, contenders, options)
    print(`\n## Stored sessions\n\n${tableOf(contenders)}`)

    const shared = contenders.filter(({ backend }) => backend.kind === 'Redis').sort((a, b) => a.size - b.size)
    const middle = shared[Math.floor(shared.length / 2)]
    if (middle && options.cells.length > 0) {
      const several = await contendBySeveral(middle, options)
      await measure(load, several, options)
      print(`\n## Cells that share PostgreSQL and Redis\n\n${tableOf(several)}`)
    }
    await Promise.all(contenders.flatMap(({ cells }) => cells.map((cell) => cell.end())))
    if (options.expired > 0) await printCleaning(load, backends, options)
  } finally {
    load.close()
  }
}

/** Starts a cell, fills its store, and checks its answers. */
async function contend(backends: Backends, kind: BackendKind, size: number, options: Options): Promise<Contender> {
  const backend = await backends.create(kind)
  const cell = new CellProcess(backend.folder, backend.env)
  const address = await cell.ready()
  const open = await backend.open()
  const startedAt = performance.now()
  await copySessions(open, await createTemplate(address, open), size)
  await open.close()
  const clients = pickClients(size, options.clients)
  await checkAnswers(address, clients.slice(0, MOST_CHECKED))
  const name = `${kind}, ${formatNumber(size)}`
  process.stderr.write(`${name}: filled in ${formatNumber((performance.now() - startedAt) / 1000)} s\n`)
  const load = { addresses: [address], connections: options.connections, path: '/api/me', clients }
  const base = `${kind}, ${formatNumber(Math.min(...options.sizes))}`
  return { name, base, size, load, cells: [cell], backend, rounds: [] }
}

/** Starts more cells beside one, and shares its load out among them. */
async function contendBySeveral(one: Contender, { cells: counts }: Options): Promise<Contender[]> {
  const { backend, load, cells } = one
  while (cells.length < Math.max(...counts)) {
    const cell = new CellProcess(backend.folder, backend.env)
    cells.push(cell)
    await checkAnswers(await cell.ready(), load.clients.slice(0, MOST_CHECKED))
  }
  const addresses = await Promise.all(cells.map((cell) => cell.ready()))
  const nameOf = (count: number): string => `${count} ${count === 1 ? 'cell' : 'cells'}`
  return counts.map((count) => ({
    ...one,
    name: nameOf(count),
    base: nameOf(Math.min(...counts)),
    load: { ...load, addresses: addresses.slice(0, count) },
    cells: cells.slice(0, count),
    rounds: [],
  }))
}

/** In rounds that take turns, because what else runs on a machine changes from minute to minute. */
async function measure(load: Load, contenders: Contender[], options: Options): Promise<void> {
  for (const { load: loading } of contenders) await warmUp(load, loading, options.warmUpSeconds)
  for (let round = 0; round < options.rounds; round += 1) {
    // Nobody is always the first.
    const turns = contenders.map((_, index) => contenders[(index + round) % contenders.length] as Contender)
    for (const { load: loading, cells, backend, rounds } of turns) {
      const pids = { servers: cells.map(({ child }) => child.pid ?? 0), stores: backend.pids }
      rounds.push(await measureRound(load, loading, { ...pids, leadSeconds: LEAD, seconds: options.seconds }))
    }
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`)
  }
}

function tableOf(contenders: readonly Contender[]): string {
  const head = ['', 'requests/s', 'median, ms', 'p99, ms', 'CPU of cells, ms', 'CPU of servers, ms', 'CPU, ratio']
  const rows = contenders.map(({ name, base, rounds }) => {
    const bases = contenders.find((each) => each.name === base)?.rounds ?? []
    const ratios = rounds.map((round, index) => costOf(round) / costOf(bases[index]))
    const column = (read: (round: Round) => number, digits: number): string => formatQuartiles(rounds.map(read), digits)
    return [
      name,
      column(({ perSecond }) => perSecond, 0),
      column(({ median }) => median, 1),
      column(({ p99 }) => p99, 1),
      column(({ serverTime }) => serverTime, 2),
      column(({ storeTime }) => storeTime, 2),
      formatQuartiles(ratios, 2),
    ]
  })
  return formatTable(head, rows)
}

/** CPU time of a request, wherever it is spent. */
function costOf(round: Round | undefined): number {
  return round ? round.serverTime + round.storeTime : NaN
}

async function printCleaning(load: Load, backends: Backends, options: Options): Promise<void> {
  const { kinds, expired, warmUpSeconds, clients } = options
  const head = ['', 'requests', 'median, ms', 'p99, ms', 'p99.9, ms', 'slowest, ms', 'slowest / median']
  const rows: string[][] = []
  for (const kind of kinds) {
    if (kind === 'Redis') continue
    const sizes = { live: expired, expired, clients, connections: 16 }
    const { quiet, during, seconds } = await measureCleaning(load, backends, kind, {
      ...sizes,
      warmUpSeconds,
      quietSeconds: 10,
    })
    const phases = { [`${kind}, before`]: quiet, [`${kind}, for ${formatNumber(seconds, 1)} s`]: during }
    for (const [name, { requests, median, p99, p999, slowest }] of Object.entries(phases)) {
      const figures = [median, p99, p999, slowest, slowest / median].map((figure) => formatNumber(figure, 1))
      rows.push([name, formatNumber(requests), ...figures])
    }
  }
  print(`\n## Clean-up of ${formatNumber(expired)} expired sessions\n\n${formatTable(head, rows)}`)
}

runProgram(main)
