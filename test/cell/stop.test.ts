import { expect } from 'chai'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { CellProcess } from '../support/process'
import { copyProject } from '../support/project'

const ROUTES = `module.exports = () => ({
  'GET /never': () => console.log('never began'),
  'GET /large': (req, res) => res.end('x'.repeat(20_000_000)),
})`
const requestOf = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

describe('a cell that is stopped', () => {
  it('ends with 0, whatever clients do', async () => {
    const folder = copyProject({
      'routes/site/odd.js': ROUTES,
      'dna/_odd/plasma/express-server.json': { stopTimeout: 500 },
    })
    const cell = new CellProcess(folder, { CELL_MODE: '_test+_odd', CELL_DATA: 'data' })
    const { hostname, port } = new URL(await cell.ready())
    const sockets: Socket[] = []
    const send = async (data: string): Promise<void> => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      sockets.push(socket)
      await once(socket, 'connect')
      socket.pause()
      socket.write(data)
    }
    await send('')
    await send('GET / HT')
    await send(
      'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"username":',
    )
    await send(requestOf('/odd/large').repeat(20))
    await send(requestOf('/odd/never'))
    while (!cell.stdout.includes('never began')) await once(cell.child.stdout ?? expect.fail(), 'data')
    const { code, stderr } = await cell.end()
    for (const socket of sockets) socket.destroy()
    expect([code, stderr]).to.deep.equal([0, ''])
  })
})
