import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestCell } from '../support/cell'
import { newCredentials } from '../support/client'
import { CellProcess } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'
import { startTrustingCell } from '../support/trusting-cell'

const TRUST = readFileSync(join(ROOT, 'TRUST.md'), 'utf8')

describe('the service in TRUST.md, which is written without this project', () => {
  const right = { email: 'ada@example.org', pin: '3141' }
  let service: CellProcess
  let address: string

  before(async () => {
    const [, name = '', source = ''] = /^`([^`\n]+)`:\n\n```js\n([\s\S]*?)```/m.exec(TRUST) ?? []
    const folder = temporaryFolder()
    writeFiles(folder, { [name]: source })
    service = new CellProcess(folder, { PORT: '0' }, [process.execPath, name])
    if (service.child.stdout) await once(service.child.stdout, 'data')
    address = `http://127.0.0.1:${/listening on (\d+)/.exec(service.stdout)?.[1] ?? ''}`
  })
  after(async () => {
    const { stderr } = await service.end()
    expect(stderr).to.equal('')
  })

  const ask = async (body: string): Promise<number> => (await fetch(address, { method: 'POST', body })).status

  it('is a point of trust', async () => {
    const cell: TestCell = await startTrustingCell({ remoteLoginEndpoint: `${address}/` })
    try {
      const client = cell.client()
      expect((await client.post('/api/login', { ...right, pin: '2718' })).status).to.equal(401)
      expect((await client.post('/api/login', right)).status).to.equal(200)
      expect((await client.get('/api/me')).body).to.deep.equal({
        id: '4711',
        username: 'ada',
        email: 'ada@example.org',
      })
    } finally {
      await cell.stop()
    }
  })

  const BODIES: Record<string, string> = {
    nothing: '',
    null: 'null',
    'a list': '[]',
    'a number': '1',
    'a string': '"3141"',
    'broken JSON': '{"email":',
    'a field that is no string': '{"email":"ada@example.org","pin":{"toString":1}}',
    'a list of the right pin': '{"email":"ada@example.org","pin":["3141"]}',
    'a number that reads as the right pin': '{"email":"ada@example.org","pin":3141}',
    'no pin': '{"email":"ada@example.org"}',
    'the field __proto__': '{"__proto__":{"email":"ada@example.org","pin":"3141"}}',
    'half a character': '{"email":"\ud800","pin":"\ud800"}',
    megabytes: JSON.stringify({ ...right, more: 'x'.repeat(5_000_000) }),
    'a list in a list in a list': '['.repeat(100_000),
  }
  for (const [what, body] of Object.entries(BODIES)) {
    it(`answers 401 to ${what}, and goes on`, async () => {
      expect(await ask(body)).to.equal(401)
      expect(await ask(JSON.stringify(right))).to.equal(200)
    })
  }

  for (const [what, pieces] of [
    ['never ends', 1],
    ['never ends and never stops', Infinity],
  ] as const) {
    it(`ends a body that ${what}, and goes on`, async function () {
      this.timeout(60_000)
      const socket = connect(Number(new URL(address).port), '127.0.0.1')
      let answer = ''
      let left: number = pieces
      const send = (): void => {
        if (left-- > 0 && !socket.destroyed) socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`, () => setImmediate(send))
      }
      // What is still being sent when it closes is of no interest.
      socket.on('error', () => undefined).on('data', (data) => (answer += data.toString()))
      socket.write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n', send)
      await new Promise((resolve) => socket.once('close', resolve))
      if (pieces === 1) expect(answer).to.match(/^HTTP\/1\.1 408 /)
      expect(answer).not.to.include(' 200 ')
      expect(await ask(JSON.stringify(right))).to.equal(200)
    })
  }
})

describe('a service that is written without this project', () => {
  it('uses a cell as its point of trust with one request', async () => {
    const cell = await startTrustingCell({})
    try {
      const ada = newCredentials()
      await cell.client().post('/api/register', ada)
      const ask = (credentials: object): Promise<Response> => {
        const headers = { accept: 'application/json', 'content-type': 'application/json' }
        return fetch(`${String(cell.address)}/api/login`, {
          method: 'POST',
          headers,
          body: JSON.stringify(credentials),
        })
      }
      const right = await ask(ada)
      expect(right.status).to.equal(200)
      expect(await right.json()).to.have.keys('id', 'username')
      expect((await ask({ ...ada, password: 'wrong password' })).status).to.equal(401)
      expect((await ask({ email: 'ada@example.org', pin: '3141' })).status).to.equal(401)
      expect((await ask({ username: { $ne: '' }, password: 1 })).status).to.equal(400)
    } finally {
      await cell.stop()
    }
  })
})
