import { expect } from 'chai'
import { request } from 'node:http'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { ROOT, copyProject } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'
import { until } from '../support/until'

/** npm passes signals on and ends as its script ends. */
const NPM_START = ['npm', 'start', '--silent']
/** One request waits for a file, and another one for ever. */
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
    'POST': function () { console.log('never began') },
  }
}`

/** Timers of seconds never run, those that end a cell among them. */
const TIMERS_NEVER_END = `const { setTimeout } = globalThis
globalThis.setTimeout = (callback, milliseconds, ...values) => setTimeout(milliseconds < 5000 ? callback : () => {}, milliseconds, ...values)`
/** Those of ten seconds run as soon as there is a file, and those of five, which end requests, never. */
const TIMERS_END_BY_FILE = `const { setTimeout, setInterval } = globalThis
globalThis.setTimeout = (callback, milliseconds, ...values) => {
  if (milliseconds === 5000) return setTimeout(() => {}, milliseconds)
  if (milliseconds !== 10000) return setTimeout(callback, milliseconds, ...values)
  console.log('timer: 10000')
  return setInterval(() => require('node:fs').existsSync('time-is-up') && callback(), 5)
}`

describe('the cell as a process', () => {
  let folder: string
  const env = (data: string): Record<string, string> => ({ CELL_MODE: '_test', CELL_DATA: data })

  before(() => {
    folder = copyProject({ 'routes/site/slow.ts': SLOW_ROUTE })
  })

  it('prints one line that says where it listens', async () => {
    const cell = new CellProcess(ROOT, env(temporaryFolder()))
    await cell.ready()
    const { code, stdout, stderr } = await cell.end()
    expect(stdout).to.match(/^cell: ready at http:\/\/127\.0\.0\.1:\d+\n$/)
    expect(stderr).to.equal('')
    expect(code).to.equal(0)
  })

  it('keeps users, and whoever is logged in, over a restart by npm start', async () => {
    const data = temporaryFolder()
    const first = new CellProcess(ROOT, env(data), NPM_START)
    const client = new Client(await first.ready())
    const credentials = await client.registerAndLogIn()
    const loggedOut = new Client(client.address)
    await loggedOut.post('/api/login', credentials)
    expect((await loggedOut.post('/api/logout')).status).to.equal(204)
    await first.end()

    const second = new CellProcess(ROOT, env(data), NPM_START)
    const address = await second.ready()
    const me = await client.copy(address).get('/api/me')
    expect(me.status).to.equal(200)
    expect(me.body).to.have.property('username', credentials.username)
    const out = loggedOut.copy(address)
    expect((await out.get('/api/me')).status).to.equal(401)
    expect((await out.post('/api/register', credentials)).status).to.equal(409)
    await second.end()
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`finishes the requests in flight after ${signal}, and ends with 0`, async () => {
      const cell = new CellProcess(folder, env(`data/${signal}`))
      const client = new Client(await cell.ready())
      const slow = client.get(`/slow/${signal}`)
      await cell.prints('slow began')
      cell.child.kill(signal)
      await until(() =>
        client.get('/', { connection: 'close' }).then(
          () => false,
          () => true,
        ),
      )
      writeFiles(folder, { [signal]: '' })
      expect((await slow).body).to.equal('done')
      expect((await cell.ended).code).to.equal(0)
    })
  }

  /** A cell with a request that never ends, and with timers as a file says that it loads first. */
  async function hanging(data: string, timers: string): Promise<CellProcess> {
    writeFiles(folder, { [`${data}.cjs`]: timers })
    const cell = new CellProcess(folder, { ...env(`data/${data}`), NODE_OPTIONS: `--require ./${data}.cjs` })
    request(`${await cell.ready()}/slow`, { method: 'POST' })
      .on('error', () => undefined)
      .end()
    await cell.prints('never began')
    return cell
  }

  it('ends at once at the second signal', async () => {
    const cell = await hanging('twice', TIMERS_NEVER_END)
    cell.child.kill('SIGTERM')
    // Two within half a second are the same: npm and a terminal both pass one on.
    await until(() => {
      cell.child.kill('SIGTERM')
      return cell.child.exitCode !== null
    })
    expect((await cell.ended).code).to.equal(1)
  })

  it('ends with 1 when something keeps it from ending in time', async () => {
    const cell = await hanging('deadline', TIMERS_END_BY_FILE)
    cell.child.kill('SIGTERM')
    await cell.prints('timer: 10000')
    expect(cell.child.exitCode).to.equal(null)
    writeFiles(folder, { 'time-is-up': '' })
    expect((await cell.ended).code).to.equal(1)
  })

  it('ends with 0 when a chemical says kill', async () => {
    const killer = copyProject({
      'routes/site/kill.js': `module.exports = function (plasma) {
        return { 'POST': function (req, res) { res.status(202).end(); plasma.emit('kill') } }
      }`,
    })
    const cell = new CellProcess(killer, env('data'))
    expect((await new Client(await cell.ready()).post('/kill')).status).to.equal(202)
    expect((await cell.ended).code).to.equal(0)
  })

  it('loses no registration that it has answered when it is killed in the middle of many', async () => {
    const cell = new CellProcess(folder, env('data/killed'))
    const address = await cell.ready()
    const answered: { username: string; password: string }[] = []
    const registering = Array.from({ length: 8 }, async () => {
      const client = new Client(address)
      for (;;) {
        const credentials = newCredentials()
        if ((await client.post('/api/register', credentials)).status === 201) answered.push(credentials)
      }
    })
    const all = Promise.allSettled(registering)
    await until(() => answered.length >= 20)
    await cell.end('SIGKILL')
    await all

    const again = new CellProcess(folder, env('data/killed'))
    const client = new Client(await again.ready())
    for (const credentials of answered) {
      expect((await client.post('/api/login', credentials)).status, credentials.username).to.equal(200)
    }
    await again.end()
  })
})
