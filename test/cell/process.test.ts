import { expect } from 'chai'
import { Client } from '../support/client'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'
import { writeFiles } from '../support/temporary-folder'
import { until } from '../support/until'

/** Its request waits for a file. */
const SLOW_ROUTE = `import { existsSync } from 'node:fs'
export = function () {
  return {
    'GET /:file': function (req: { params: { file: string } }, res: { response?: unknown }, next: () => void) {
      console.log('slow began')
      const looking = setInterval(() => {
        if (!existsSync(req.params.file)) return
        clearInterval(looking)
        res.response = 'done'
        next()
      }, 5)
    },
  }
}`
/** An organelle whose reaction to kill never ends. */
const ENDLESS = `module.exports = (plasma) => {
  plasma.on('kill', () => {
    console.log('endless began')
    return new Promise(() => setInterval(() => {}, 1000))
  })
}`

describe('the cell as a process', () => {
  let folder: string
  const env = (data: string): Record<string, string> => ({ CELL_MODE: '_test', CELL_DATA: data })

  before(() => {
    folder = copyProject({ 'routes/site/slow.ts': SLOW_ROUTE })
  })

  /** Has a request under way, sends a signal, and lets the request finish once the cell takes no new connections. */
  async function interrupt(cell: CellProcess, client: Client, file: string, signal: () => void): Promise<void> {
    const slow = client.get(`/slow/${file}`)
    await cell.prints('slow began')
    signal()
    await until(() =>
      client.get('/', { connection: 'close' }).then(
        () => false,
        () => true,
      ),
    )
    writeFiles(folder, { [file]: '' })
    expect((await slow).body).to.equal('done')
    const { code, stdout, stderr } = await cell.ended
    expect(stdout).to.match(/^cell: ready at http:\/\/127\.0\.0\.1:\d+\nslow began\n$/)
    expect([code, stderr]).to.deep.equal([0, ''])
  }

  it('says where it listens, finishes requests on SIGINT and SIGTERM, ends with 0, and keeps owners and sessions', async () => {
    const first = new CellProcess(folder, env('data'), ['npm', 'start', '--silent'])
    const client = new Client(await first.ready())
    const credentials = await client.registerAndLogIn()
    const loggedOut = new Client(client.address)
    await loggedOut.post('/api/login', credentials)
    const stolen = loggedOut.copy()
    expect((await loggedOut.post('/api/logout')).status).to.equal(204)
    // The group, as Ctrl-C in a terminal does; npm passes the signal on once more.
    await interrupt(first, client, 'first', () => process.kill(-(first.child.pid ?? 0), 'SIGINT'))

    const second = new CellProcess(folder, env('data'), ['npm', 'start', '--silent'])
    const again = client.copy(await second.ready())
    expect((await again.get('/api/me')).body).to.have.property('username', credentials.username)
    expect((await stolen.copy(again.address).get('/api/me')).status).to.equal(401)
    expect((await again.post('/api/register', credentials)).status).to.equal(409)
    // npm alone, as a supervisor does: its shell must not end without the cell.
    await interrupt(second, again, 'second', () => second.child.kill('SIGTERM'))
  })

  it('ends with 1 on a signal before it is ready', async () => {
    writeFiles(folder, {
      'plasma/waiting.js': `module.exports = (plasma) => { plasma.on('ExpressServer', () => console.log('waiting')) }`,
      'dna/_waiting/plasma/waiting.json': { source: 'plasma/waiting', emitReady: 'Never' },
    })
    const cell = new CellProcess(folder, { ...env('data/_waiting'), CELL_MODE: '_test+_waiting' })
    await cell.prints('waiting')
    cell.child.kill('SIGTERM')
    const { code, stderr } = await cell.ended
    expect([code, stderr]).to.deep.equal([1, 'cell: stopped by a signal before the cell was ready\n'])
  })

  /** @returns a cell that has been told to end, and does not */
  async function startEndless(mode: string, stopSeconds: number): Promise<CellProcess> {
    writeFiles(folder, {
      'plasma/endless.js': ENDLESS,
      [`dna/${mode}/plasma/endless.json`]: { source: 'plasma/endless' },
      [`dna/${mode}/cell.json`]: { stopSeconds },
    })
    const cell = new CellProcess(folder, { ...env(`data/${mode}`), CELL_MODE: `_test+${mode}` })
    await cell.ready()
    cell.child.kill('SIGTERM')
    await cell.prints('endless began')
    return cell
  }

  it('ends at once with 1 on a second signal', async () => {
    const cell = await startEndless('_twice', 86_400)
    // Two within half a second count as one: npm and a terminal both pass Ctrl-C on.
    await until(() => {
      cell.child.kill('SIGTERM')
      return cell.child.exitCode !== null
    })
    expect((await cell.ended).code).to.equal(1)
  })

  it('ends with 1 if something keeps it from ending in stopSeconds', async () => {
    expect((await (await startEndless('_deadline', 0.1)).ended).code).to.equal(1)
  })
})
