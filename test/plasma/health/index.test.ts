import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import { Client, newCredentials } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { findFreePort } from '../../support/listening'
import { until } from '../../support/until'

/** What a balancer is answered, on a connection of its own. */
async function ask(cell: TestCell, path: string): Promise<string> {
  const socket = connect(Number(new URL(cell.address ?? '').port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: balancer\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString()
}

describe('plasma/health', () => {
  keepErrorLog()
  const cells: TestCell[] = []
  const start = async (changes = {}): Promise<TestCell> => {
    const cell = await startTestCell(changes)
    cells.push(cell)
    return cell
  }
  afterEach(() =>
    Promise.all(
      cells.splice(0).map(async (cell) => {
        // A test that failed may have left it draining for an hour.
        await cell.plasma.emit('kill')
        await cell.stop()
      }),
    ),
  )

  it('says that a cell is alive and ready, to nobody in particular', async () => {
    const client = (await start()).client()
    for (const status of ['live', 'ready']) {
      const answer = await client.get(`/health/${status}`)
      expect(answer).to.deep.include({ status: 200 }).and.have.nested.property('body.status', status)
      expect([answer.headers.get('cache-control'), answer.headers.has('set-cookie')]).to.deep.equal(['no-store', false])
      expect((await fetch(`${client.address}/health/${status}`, { method: 'HEAD' })).status).to.equal(200)
      expect((await client.post(`/health/${status}`)).status).to.equal(404)
    }
  })

  it('tells how its parts are, and nothing of where they are', async () => {
    const { body, text } = await (await start()).client().get('/health/ready')
    expect(body).to.have.keys('status', 'database', 'sessions')
    for (const name of ['database', 'sessions']) {
      expect(body).to.have.nested.property(`${name}.state`, 'up')
      expect(body).to.have.nested.property(`${name}.ms`).that.is.a('number')
    }
    expect(text).not.to.match(/cell\.db|127\.0|sqlite|error/i)
  })

  it('is alive and not ready while its database is away, which a restart would not bring back', async () => {
    const cell = await start()
    const client = cell.client()
    await client.registerAndLogIn()
    await cell.database.close()
    expect((await client.get('/api/me')).status).to.equal(503)
    expect((await client.get('/health/live')).status).to.equal(200)
    const { status, body } = await client.get('/health/ready')
    expect(status).to.equal(503)
    expect(body).to.have.property('status', 'unavailable')
    for (const name of ['database', 'sessions']) expect(body).to.have.nested.property(`${name}.state`, 'down')
  })

  it('asks a store that hangs one question, however many probes there are, and is ready again by itself', async () => {
    const cell = await start({ plasma: { health: { timeout: 50 } } })
    const store = cell.plasma.get({ type: 'SessionStore' })?.data ?? expect.fail('there is no store')
    const answers: (() => void)[] = []
    store.get = (_id, done) => void answers.push(() => done(null))
    const client = cell.client()
    const probes = await Promise.all(Array.from({ length: 20 }, () => client.get('/health/ready')))
    expect(new Set(probes.map(({ status }) => status))).to.deep.equal(new Set([503]))
    expect(probes[0]?.body).to.have.property('sessions').that.deep.equals({ state: 'down', ms: 50 })
    expect(probes[0]?.body).to.have.nested.property('database.state', 'up')
    expect(answers).to.have.length(1)

    const { get } = Object.getPrototypeOf(store) as typeof store
    store.get = get
    answers[0]?.()
    await until(async () => (await client.get('/health/ready')).status === 200)
  })

  it('is ready although a trust point is down, and tells that without asking it', async () => {
    const port = await findFreePort()
    const sessions = { remoteLoginEndpoint: `http://127.0.0.1:${port}/api/login`, remoteFailures: 1 }
    const registration = { options: { registration: false } }
    const cell = await start({ plasma: { sessions, 'api-routes': registration } })
    const read = async (): Promise<unknown> => {
      const { status, body, text } = await cell.client().get('/health/ready')
      expect([status, text.includes(String(port))]).to.deep.equal([200, false])
      return (body as { trustPoints: unknown }).trustPoints
    }
    expect(await read()).to.deep.equal({ users: { state: 'closed' } })
    expect((await cell.client().post('/api/login', newCredentials())).status).to.equal(503)
    expect(await read()).to.have.nested.property('users.state', 'open')
    expect(await read())
      .to.have.nested.property('users.ms')
      .that.is.a('number')
  })

  it('says that a cell is alive and not ready while it starts, with the headers of every answer', async () => {
    const files = {
      'dna/plasma/eager.json': { source: 'plasma/eager', reactOn: 'ExpressServer', emitReady: 'Eager' },
      'plasma/eager.js': `const { get } = require('node:http')
        // Waits for nobody: whoever reacts after it must not wait for it.
        module.exports = (plasma) => plasma.on('ExpressServer', ({ server }) => {
          const ask = (path) => new Promise((resolve) => {
            get({ port: server.address().port, path }, async (res) => {
              let text = ''
              for await (const part of res) text += part
              resolve([path, res.statusCode, JSON.parse(text).status, 'content-security-policy' in res.headers])
            })
          })
          Promise.all(['/health/live', '/health/ready'].map(ask)).then((answers) => {
            plasma.answers = answers
            plasma.store('Eager')
          })
        })`,
    }
    const cell = await startTestCell({}, cellFolder(files))
    cells.push(cell)
    expect(cell.plasma)
      .to.have.property('answers')
      .that.deep.equals([
        ['/health/live', 200, 'live', true],
        ['/health/ready', 503, 'starting', true],
      ])
    expect((await cell.client().get('/health/ready')).status).to.equal(200)
  })

  it('says that a cell is not ready while it drains, which goes on serving and keeps no connection', async () => {
    const cell = await start({ cell: { drainSeconds: 3600 } })
    const client = cell.client()
    await client.registerAndLogIn()
    expect(await ask(cell, '/health/ready')).to.match(/^HTTP\/1\.1 200 .*\r\nConnection: keep-alive\r\n/s)

    const stopped = cell.stop()
    expect(await ask(cell, '/health/ready')).to.match(/^HTTP\/1\.1 503 .*\r\nConnection: close\r\n.*"stopping"/s)
    expect(await ask(cell, '/health/live')).to.match(/^HTTP\/1\.1 200 /)
    expect(await ask(cell, '/api/me')).to.match(/^HTTP\/1\.1 401 .*\r\nConnection: close\r\n/s)
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await new Client(client.address).post('/api/login', {})).status).to.equal(400)
    // As a failure ends it.
    await cell.plasma.emit('kill')
    await stopped
  })

  it('lets a cell stop once it has drained, with the requests that came last', async () => {
    const cell = await start({ cell: { drainSeconds: 0.2 } })
    const socket = connect(Number(new URL(cell.address ?? '').port), '127.0.0.1')
    await once(socket, 'connect')
    const stopped = cell.stop()
    socket.write('GET /api/me HTTP/1.1\r\nHost: cell\r\n\r\n')
    expect(await text(socket)).to.match(/^HTTP\/1\.1 401 /)
    await stopped
    expect(
      await cell
        .client()
        .get('/health/live')
        .catch(({ message }: Error) => message),
    ).to.equal('fetch failed')
  })

  it('drains although a reaction to that fails', async () => {
    const cell = await start({ cell: { drainSeconds: 0.2 } })
    const warned = new Promise((resolve) => process.once('warning', resolve))
    cell.plasma.on('CellDraining', () => {
      throw new Error('on purpose')
    })
    await cell.stop()
    expect(await warned).to.have.property('message', 'a reaction to CellDraining failed: on purpose')
  })

  it('can be switched off', async () => {
    const client = (await start({ plasma: { health: false } })).client()
    expect((await client.get('/health/ready')).status).to.equal(404)
  })
})
