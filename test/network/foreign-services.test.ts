import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestCell } from '../support/cell'
import { CellProcess } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'
import { startTrustingCell } from '../support/trusting-cell'

const TRUST = readFileSync(join(ROOT, 'docs/trust.md'), 'utf8')

describe('a service that is written without this project', () => {
  const right = { email: 'ada@example.org', pin: '3141' }
  let service: CellProcess
  let address: string
  let cell: TestCell

  before(async () => {
    const [, name = '', source = ''] = /^`([^`\n]+)`:\n\n```js\n([\s\S]*?)```/m.exec(TRUST) ?? []
    const folder = temporaryFolder()
    writeFiles(folder, { [name]: source })
    service = new CellProcess(folder, { PORT: '0' }, [process.execPath, name])
    if (service.child.stdout) await once(service.child.stdout, 'data')
    address = `http://127.0.0.1:${/listening on (\d+)/.exec(service.stdout)?.[1] ?? ''}`
    cell = await startTrustingCell({ remoteLoginEndpoint: `${address}/` })
  })
  after(async () => {
    await cell.stop()
    expect(await service.end()).to.include({ stderr: '' })
  })

  const ask = async (body: string): Promise<number> => (await fetch(address, { method: 'POST', body })).status

  it('can be a trust point, like the one in docs/trust.md', async () => {
    const client = cell.client()
    expect((await client.post('/api/login', { ...right, pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', right)).status).to.equal(200)
    const ada = { id: '4711', username: 'ada', email: 'ada@example.org' }
    expect((await client.get('/api/me')).body).to.deep.equal(ada)
  })

  const BODIES: Record<string, string> = {
    nothing: '',
    null: 'null',
    'an array': '[]',
    'a string': '"3141"',
    'broken JSON': '{"email":',
    'a field that is no string': '{"email":"ada@example.org","pin":{"toString":1}}',
    'an array of the right pin': '{"email":"ada@example.org","pin":["3141"]}',
    'a number that reads as the right pin': '{"email":"ada@example.org","pin":3141}',
    'no pin': '{"email":"ada@example.org"}',
    'the field __proto__': '{"__proto__":{"email":"ada@example.org","pin":"3141"}}',
    'half a character': '{"email":"\ud800","pin":"\ud800"}',
    megabytes: JSON.stringify({ ...right, more: 'x'.repeat(5_000_000) }),
    'an array in an array in an array': '['.repeat(100_000),
  }
  it('answers 401 to whatever is not its credentials, and goes on', async () => {
    for (const [what, body] of Object.entries(BODIES)) expect(await ask(body), what).to.equal(401)
    expect(await ask(JSON.stringify(right))).to.equal(200)
  })

  it('ends bodies that do not end, and goes on', async () => {
    /** Sends this many chunks. @returns what was answered by the time that the connection was closed */
    const sendChunks = async (count: number): Promise<string> => {
      const socket = connect(Number(new URL(address).port), '127.0.0.1')
      let answer = ''
      let left = count
      const send = (): void => {
        if (left-- > 0 && !socket.destroyed) socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`, () => setImmediate(send))
      }
      // Errors of what is still being sent at the end do not matter.
      socket.on('error', () => undefined).on('data', (data) => (answer += data.toString()))
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n', send)
      await new Promise((resolve) => socket.once('close', resolve))
      return answer
    }
    const [one, endless] = await Promise.all([sendChunks(1), sendChunks(Infinity)])
    expect(one).to.match(/^HTTP\/1\.1 408 /)
    expect(endless).not.to.include(' 200 ')
    expect(await ask(JSON.stringify(right))).to.equal(200)
  })
})
