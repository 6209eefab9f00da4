import { expect } from 'chai'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { startTestCell, type TestCell } from '../../support/cell'
import { Client } from '../../support/client'

/** What a balancer is answered, on a connection of its own. */
async function ask(cell: TestCell, path: string): Promise<string> {
  const socket = connect(Number(new URL(cell.address ?? '').port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: balancer\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString()
}

describe('plasma/health', () => {
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
      expect([answer.status, answer.body]).to.deep.equal([200, { status }])
      expect([answer.headers.get('cache-control'), answer.headers.has('set-cookie')]).to.deep.equal(['no-store', false])
      expect((await fetch(`${client.address}/health/${status}`, { method: 'HEAD' })).status).to.equal(200)
      expect((await client.post(`/health/${status}`)).status).to.equal(404)
    }
  })

  it('answers while no session can be read, because a restart would not help', async () => {
    const cell = await start()
    const client = cell.client()
    await client.registerAndLogIn()
    await cell.database.close()
    expect((await client.get('/api/me')).status).to.equal(503)
    for (const status of ['live', 'ready']) expect((await client.get(`/health/${status}`)).status).to.equal(200)
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
