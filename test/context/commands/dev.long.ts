import { expect } from 'chai'
import { join } from 'node:path'
import { Client } from '../../support/client'
import { CellProcess, START } from '../../support/process'
import { copyProject } from '../../support/project'
import { writeFiles } from '../../support/temporary-folder'
import { until } from '../../support/until'

const SESSIONS = 'dna/_test/plasma/express-sessions.json'

describe('npm run dev', () => {
  let folder: string
  let dev: CellProcess
  beforeEach(() => {
    folder = copyProject({ [SESSIONS]: { idleSeconds: 1000 } })
    const env = { CELL_MODE: '_test', CELL_DATA: 'data' }
    dev = new CellProcess(folder, env, [...START, join('context/commands/dev.ts')])
  })

  const addresses = (): string[] => [...dev.stdout.matchAll(/ready at (\S+)/g)].map(([, address = '']) => address)

  /** Waits until the cell has been ready so many times. @returns its address */
  async function readyTimes(count: number): Promise<string> {
    await until(
      () => addresses().length >= count,
      () => `the cell is ready ${count} times: ${dev.stdout}${dev.stderr}`,
    )
    expect(addresses()).to.have.length(count)
    return addresses().at(-1) ?? ''
  }

  it('restarts on changes of code and DNA, says what changed, and keeps sessions', async () => {
    const client = new Client(await readyTimes(1))
    const { username } = await client.registerAndLogIn()
    const me = async (address: string): Promise<unknown> => (await client.copy(address).get('/api/me')).body

    // Saved together, one of them in a new folder: one restart.
    writeFiles(folder, {
      'routes/site/fresh/one.ts': `export = () => ({ 'GET': (_req: unknown, res: { response?: string }, next: () => void) => { res.response = 'one'; next() } })`,
      'context/models/fresh.ts': 'export {}',
      [SESSIONS]: { idleSeconds: 600, secret: 'unmistakable-secret-of-32-characters' },
      'data/notes.json': {},
    })
    const second = await readyTimes(2)
    expect(dev.stdout).to.contain('dev: routes/site/fresh/one.ts: added\n')
    expect(dev.stdout).to.contain('dev: context/models/fresh.ts: added\n')
    expect(dev.stdout).to.contain(
      `dev: ${SESSIONS}: idleSeconds: 1000 → 600\ndev: ${SESSIONS}: secret: nothing → ***\n`,
    )
    expect((await client.copy(second).get('/fresh/one')).body).to.equal('one')
    // Another secret: the cookie of before is not signed by it.
    const { username: other } = await client.copy(second).registerAndLogIn()
    expect(other).not.to.equal(username)

    writeFiles(folder, { [SESSIONS]: { idleSeconds: 1000 } })
    expect(await me(await readyTimes(3))).to.include({ username })
    // In a folder that came while it ran.
    writeFiles(folder, { 'routes/site/fresh/one.ts': 'export = () => ({})' })
    expect(await me(await readyTimes(4))).to.include({ username })
    expect(dev.stdout).to.contain('dev: routes/site/fresh/one.ts: changed\n')
    expect(dev.stdout).not.to.match(/unmistakable|notes/)

    // As Ctrl-C does.
    process.kill(-(dev.child.pid ?? 0), 'SIGINT')
    expect(await dev.ended).to.include({ code: 0, stderr: '' })
  })

  it('keeps the cell while its DNA has faults, and waits while its code does', async () => {
    const client = new Client(await readyTimes(1))
    writeFiles(folder, { [SESSIONS]: { idleSeconds: 'many' } })
    await dev.prints('the cell goes on without these changes')
    expect(dev.stderr).to.equal(`cell: ${SESSIONS}: idleSeconds: expected whole seconds\n`)
    expect((await client.get('/api/me')).status).to.equal(401)
    writeFiles(folder, { [SESSIONS]: '{ "idleSeconds": ' })
    await until(() => dev.stderr.includes('cannot be parsed'))
    writeFiles(folder, { [SESSIONS]: { idleSeconds: 1000 } })
    await dev.prints('as it was: the cell goes on')
    expect((await client.get('/api/me')).status).to.equal(401)

    writeFiles(folder, { 'routes/api/broken.ts': 'export = () => { throw new Error("on purpose") }' })
    await dev.prints('the cell ended with 1: it starts again after a change')
    expect(dev.stderr).to.contain('on purpose')
    writeFiles(folder, { 'routes/api/broken.ts': 'export = () => ({})' })
    await readyTimes(2)
    // To the supervisor alone.
    expect((await dev.end()).code).to.equal(0)
    expect(dev.stdout.match(/the cell ended/g)).to.have.length(1)
  })

  it('replaces a cell that an endless loop keeps from ending', async () => {
    await readyTimes(1)
    writeFiles(folder, { 'cell.ts': "process.on('SIGTERM', () => 0)\nconsole.log('looping')\nfor (;;);" })
    await dev.prints('looping')
    writeFiles(folder, { 'cell.ts': "console.log('mended'); process.exit(3)" })
    await dev.prints('the cell does not end by itself')
    await dev.prints('the cell ended with 3')
    expect((await dev.end('SIGINT')).code).to.equal(0)
  })

  it('ends on a signal while no cell runs', async () => {
    await readyTimes(1)
    writeFiles(folder, { 'cell.ts': 'process.exit(3)' })
    await dev.prints('the cell ended with 3')
    expect((await dev.end('SIGINT')).code).to.equal(0)
  })
})
