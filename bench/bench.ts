import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../test/support/project'
import { measureBoots } from './boots'
import { createCellBuild } from './cell-build'
import { CELL, listContenders, type Contender } from './contenders'
import { chooseCores, type Cores } from './cores'
import { Load } from './load'
import { measureLogins } from './logins'
import { describeMachine, versionOf } from './machine'
import { measureMemory } from './memory'
import { HELP, MEASUREMENTS, parseOptions, type Options } from './options'
import { describePackage, installPackages } from './packages'
import { writePerformancePage } from './performance-page'
import { print, runProgram } from './program'
import { compareRatios, LEAST, ratiosOf, type Ratios } from './ratios'
import { formatComparisons, formatResults } from './report'
import { addRounds, measureRequests, type Running } from './requests'
import type { Results } from './results'
import { checkServer, OWNERS } from './server'

const CONNECTIONS = 32
const RECORDED = join(__dirname, 'recorded.json')

/** What `recorded.json` has. */
interface Recorded {
  /** The machine, in lines. */
  setting: string[]
  ratios: Ratios
}

/** Whose memory is measured. */
const MEMORY_CONTENDERS = [CELL, 'express-session']

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) return print(HELP)
  const results = options.from ? readResults(options.from) : await measure(options)
  print(formatResults(results, CELL))
  if (options.json) writeFileSync(options.json, JSON.stringify(results))
  if (options.record) record(results)
  if (options.writeDocs) writePerformancePage(join(ROOT, 'docs'), results, CELL)
  if (options.check) check(results)
}

async function measure(options: Options): Promise<Results> {
  const { only, starts, rounds, seconds, requests: count } = options
  installPackages(report)
  const build = createCellBuild()
  const all = listContenders(build)
  const chosen = choose(all, only)
  const isChosen = (name: string): boolean => only.length === 0 || only.includes(name)
  const cores = chooseCores()
  const results: Results = { setting: describeSetting(chosen, cores, options), requests: [] }
  const load = new Load(cores.load)
  try {
    for (let start = 1; start <= starts && chosen.length > 0; start += 1) {
      const running = await startAll(chosen, cores)
      addRounds(results.requests, await measureRequests(load, running, { ...options, report }))
      const measured = running.filter(({ name }) => MEMORY_CONTENDERS.includes(name))
      if (start === starts && isChosen('memory') && count > 0 && measured.length > 0)
        results.memory = await measureMemory(load, measured, count, report)
      await Promise.all(running.map(({ server }) => server.process.end()))
    }
  } finally {
    load.close()
  }
  if (isChosen('logins')) {
    const cell = await all.find(({ name }) => name === CELL)?.start([])
    if (cell) results.logins = await measureLogins(cell, { rounds: starts * rounds, seconds, report })
    await cell?.process.end()
  }
  if (isChosen('boots')) results.boots = await measureBoots(build, Math.ceil((starts * rounds) / 2), report)
  return results
}

/** @throws {Error} for a name that there is not */
function choose(contenders: readonly Contender[], only: readonly string[]): Contender[] {
  const names = [...contenders.map(({ name }) => name), ...MEASUREMENTS]
  const unknown = only.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join()} here, but ${names.join()}`)
  if (only.includes('memory') && !only.some((name) => MEMORY_CONTENDERS.includes(name)))
    throw new Error(`memory needs ${MEMORY_CONTENDERS.join(' or ')}`)
  return contenders.filter(({ name }) => only.length === 0 || only.includes(name))
}

/** Starts each of them, and has it answer as it should before anything is measured. */
async function startAll(contenders: readonly Contender[], cores: Cores): Promise<Running[]> {
  const running: Running[] = []
  for (const contender of contenders) {
    report(`starting ${contender.name}`)
    const server = await contender.start(cores.server)
    await checkServer(server)
    const { address, clients } = server
    const load = { addresses: [address], connections: CONNECTIONS, path: '/api/me', clients }
    running.push({ ...contender, server, load })
  }
  return running
}

function describeSetting(contenders: readonly Contender[], { description }: Cores, options: Options): string[] {
  const packages = [...new Set(contenders.flatMap((contender) => contender.packages))]
  const uses = (kind: string): boolean => contenders.some(({ storage }) => storage.includes(kind))
  const programs = [...(uses('PostgreSQL') ? ['postgres'] : []), ...(uses('Redis') ? ['redis-server'] : [])]
  return [
    ...describeMachine(programs.map(versionOf)).split('\n'),
    ...(packages.length > 0 ? [packages.map(describePackage).join(', ')] : []),
    description,
    `${CONNECTIONS} connections, ${OWNERS} sessions, ${options.warmUpSeconds} s of warm-up, ` +
      `${options.rounds} rounds of ${options.seconds} s each` +
      (options.starts > 1 ? `, of each of ${options.starts} starts` : ''),
  ]
}

function record(results: Results): void {
  const rounded = Object.entries(ratiosOf(results, CELL)).map(([name, ratio]) => [name, Number(ratio.toFixed(3))])
  const ratios = Object.fromEntries(rounded) as Ratios
  const recorded: Recorded = { setting: results.setting.slice(0, 2), ratios }
  writeFileSync(RECORDED, `${JSON.stringify(recorded, undefined, 2)}\n`)
}

function check(results: Results): void {
  const { setting, ratios } = JSON.parse(readFileSync(RECORDED, 'utf8')) as Recorded
  const comparisons = compareRatios(ratios, ratiosOf(results, CELL))
  print(`\n${formatComparisons(comparisons)}\n\nRecorded with ${setting.join('; ')}`)
  if (comparisons.every(({ holds }) => holds)) return
  print(`\nThe cell has become slower: a ratio is below ${LEAST} of the recorded one.`)
  process.exitCode = 1
}

function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results
}

function report(progress: string): void {
  process.stderr.write(`${progress}\n`)
}

runProgram(main)
