import { expect } from 'chai'
import { request } from 'node:http'
import { Client, newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { ROOT, copyProject } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

/** npm passes signals on and ends as its script ends. */
const NPM_START = ['npm', 'start', '--silent']
const SLOW_ROUTE = `export = function () {
  return {
    'GET': function (req: unknown, res: { response?: unknown }, next: () => void) {
      console.log('slow began')
      setTimeout(() => { res.response = 'done'; next() }, 700)
    },
    'GET /never': function () { console.log('never began') },
  }
}`

describe('the cell as a process', () => {
  let folder: string
  const env = (data: string): Record<string, string> => ({ CELL_MODE: '_test', CELL_DATA: data })

  before(() => {
    folder = copyProject({ 'routes/site/slow.ts': SLOW_ROUTE })
  })

  it('listens within two seconds of its start, and prints one line that says where', async () => {
    const started = Date.now()
    const cell = new CellProcess(ROOT, env(temporaryFolder()))
    await cell.ready()
    expect(Date.now() - started).to.be.lessThan(2000)
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
      const slow = client.get('/slow')
      await seen(cell, 'slow began')
      cell.child.kill(signal)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await rejectionOf(() => client.get('/slow', { connection: 'close' }))
      expect((await slow).body).to.equal('done')
      const { code, after } = await cell.ended
      expect(code).to.equal(0)
      expect(after).to.be.lessThan(8000)
    })
  }

  it('ends at once at the second signal', async () => {
    const cell = new CellProcess(folder, env('data/twice'))
    const hanging = request(`${await cell.ready()}/slow/never`).end()
    hanging.on('error', () => undefined)
    await seen(cell, 'never began')
    cell.child.kill('SIGTERM')
    // A second one within half a second would be the same: npm and a terminal both pass it on.
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(cell.child.exitCode).to.equal(null)
    const began = Date.now()
    const { code } = await cell.end('SIGTERM')
    expect(code).to.equal(1)
    expect(Date.now() - began).to.be.lessThan(2000)
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
    while (answered.length < 20) await new Promise((resolve) => setTimeout(resolve, 5))
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

/** Waits until the cell has printed a text. */
async function seen(cell: CellProcess, text: string): Promise<void> {
  while (!cell.stdout.includes(text)) await new Promise((resolve) => setTimeout(resolve, 10))
}
