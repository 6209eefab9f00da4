import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newCredentials } from '../support/client'
import { Network } from '../support/network'
import { CellProcess } from '../support/process'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

const TRUST = readFileSync(join(ROOT, 'TRUST.md'), 'utf8')

describe('a service that is written without this project', () => {
  const network = new Network()
  after(() => network.stop())

  it('is a point of trust when it does what TRUST.md says', async () => {
    const [, name = '', source = ''] = /^`([^`\n]+)`:\n\n```js\n([\s\S]*?)```/m.exec(TRUST) ?? []
    const folder = temporaryFolder()
    writeFiles(folder, { [name]: source })
    const service = new CellProcess(folder, { PORT: '0' }, [process.execPath, name])
    while (!/listening on \d+/.test(service.stdout)) await new Promise((resolve) => setTimeout(resolve, 10))
    const port = /listening on (\d+)/.exec(service.stdout)?.[1] ?? ''

    const cell = await network.trusting(`http://127.0.0.1:${port}/`)
    const client = cell.client()
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '3141' })).status).to.equal(200)
    expect((await client.get('/api/me')).body).to.deep.equal({ id: '4711', username: 'ada', email: 'ada@example.org' })
    await service.end()
  })

  it('uses a cell as its point of trust with one request', async () => {
    const cell = await network.start('_users')
    const ada = newCredentials()
    await cell.client().post('/api/register', ada)
    const ask = (credentials: object): Promise<Response> => {
      const headers = { accept: 'application/json', 'content-type': 'application/json' }
      return fetch(`${cell.address}/api/login`, { method: 'POST', headers, body: JSON.stringify(credentials) })
    }
    const right = await ask(ada)
    expect(right.status).to.equal(200)
    expect(await right.json()).to.have.keys('id', 'username')
    expect((await ask({ ...ada, password: 'wrong password' })).status).to.equal(401)
    expect((await ask({ email: 'ada@example.org', pin: '3141' })).status).to.equal(401)
    expect((await ask({ username: { $ne: '' }, password: 1 })).status).to.equal(400)
  })
})
