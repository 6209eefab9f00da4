import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database } from '../../context/sql'
import type { LoadFigures } from '../support/load'
import { CellProcess, START } from '../support/process'
import { ROOT, copyProject } from '../support/project'

const CONNECTIONS = 500
const SECONDS = 60
/** Seconds in which the process may still grow: V8 sizes its heap by what it meets. */
const WARM_UP = 20

describe('a cell under load', () => {
  it(`holds ${CONNECTIONS} connections that read, log in and log out for ${SECONDS} s`, async function () {
    this.timeout(300_000)
    const folder = copyProject()
    const cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: 'data' })
    const command = [...START, 'test/support/load.ts', await cell.ready(), String(CONNECTIONS), String(SECONDS)]
    const load = new CellProcess(ROOT, {}, command)
    const memory = await sampleMemory(cell, load)
    const { stdout, stderr } = await load.ended
    expect((await cell.end()).code).to.equal(0)

    const { sessions, ...figures } = JSON.parse(stdout || JSON.stringify({ stderr })) as LoadFigures
    const flat = memory.slice(WARM_UP)
    const [early, late] = [median(flat.slice(0, 10)), median(flat.slice(-10))]
    console.log(JSON.stringify({ ...figures, rss: { warm: early, end: late, samples: flat.length } }))

    expect(figures.wrong).to.deep.equal({})
    expect(figures.logouts).to.be.above(100)
    expect(late / early, 'memory, at the end to after the warm-up').to.be.below(1.1)
    expect(await keptSessions(join(folder, 'data/cell.db'))).to.deep.equal(sessions.sort())
  })
})

/** The resident memory of a process, in MiB, each second from the beginning of the load to its end. */
async function sampleMemory(cell: CellProcess, load: CellProcess): Promise<number[]> {
  const samples: number[] = []
  while (load.child.exitCode === null) {
    if (load.stderr.includes('warm')) samples.push(residentMemory(cell.child.pid ?? 0))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  return samples
}

function residentMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN
}

async function keptSessions(file: string): Promise<string[]> {
  const database = await Database.open(file)
  try {
    return (await database.query.selectFrom('sessions').select('id_hash').execute())
      .map(({ id_hash }) => id_hash)
      .sort()
  } finally {
    await database.close()
  }
}
