import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client } from './support/client'
import { CellProcess } from './support/process'
import { ROOT, copyProject } from './support/project'
import { expressSessionsDna } from '../plasma/express-sessions/dna'
import { expressServerDna } from '../context/http/express-server-dna'
import { throttleDna } from '../plasma/throttle/dna'
import { sessionsDna } from '../plasma/sessions/dna'

const README = readFileSync(resolve(__dirname, '../README.md'), 'utf8')

/** The files that the README shows: a line that names one, and the block below it. */
const FILES = Object.fromEntries(
  [...README.matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)```/gm)].map(([, name = '', content = '']) => [
    name,
    content,
  ]),
)
const [FIRST_PART = '', NETWORK = ''] = README.split('## A network of cells')
const MODES = [...NETWORK.matchAll(/^CELL_MODE=(\w+) npm start$/gm)].map(([, mode = '']) => mode)

describe('the README', () => {
  const cells: CellProcess[] = []
  const started = new Map<string, Promise<{ address: string; folder: string }>>()

  after(async () => {
    await Promise.all(cells.map((cell) => cell.end()))
  })

  /** One cell for all that ask for this mode. */
  function start(mode: string, env: Record<string, string> = {}): Promise<{ address: string; folder: string }> {
    const starting = started.get(mode) ?? startCell(mode, env)
    started.set(mode, starting)
    return starting
  }

  async function startCell(mode: string, env: Record<string, string>): Promise<{ address: string; folder: string }> {
    const endpoints = { 'dna/_here/trust-points.json': { users: '{$USERS_ENDPOINT}', apps: '{$APPS_ENDPOINT}' } }
    const folder = copyProject({ ...FILES, ...endpoints })
    const cell = new CellProcess(folder, { CELL_MODE: mode, CELL_DATA: 'data', ...env })
    cells.push(cell)
    return { address: await cell.ready(), folder }
  }

  describe('has a transcript that answers as it says when it is pasted', () => {
    before(function () {
      // The transcripts are ones of curl.
      if (spawnSync('curl', ['--version']).error) this.skip()
    })

    it('of one cell', async () => {
      const { address, folder } = await start('_test')
      paste(FIRST_PART, { 'localhost:1337': address }, folder, 6)
    })

    it('of three cells', async () => {
      expect(MODES).to.deep.equal(['_users', '_apps', '_trusting'])
      const [users, apps] = await Promise.all([start('_users+_test'), start('_apps+_test')])
      const endpoints = { USERS_ENDPOINT: `${users.address}/api/login`, APPS_ENDPOINT: `${apps.address}/api/login` }
      const trusting = await start('_trusting+_test+_here', endpoints)
      paste(NETWORK, { 'localhost:1338': users.address, 'localhost:1337': trusting.address }, trusting.folder, 3)
    })

    it('whose ports are the ones of the modes', () => {
      const ports = ['dna/plasma', 'dna/_users/plasma', 'dna/_apps/plasma'].map((folder) => {
        return (JSON.parse(readFileSync(join(ROOT, folder, 'express-server.json'), 'utf8')) as { port: number }).port
      })
      expect(ports).to.deep.equal([1337, 1338, 1339])
      for (const port of ports) expect(NETWORK).to.contain(`:${port}`)
    })
  })

  it('shows files that pass the compiler', () => {
    const folder = copyProject(FILES)
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['--project', '.'], { cwd: folder, stdio: 'pipe' })
  })

  it('shows a folder that is guarded', async () => {
    const client = new Client((await start('_test')).address)
    expect((await client.get('/members')).status).to.equal(401)
    expect((await client.get('/')).status).to.equal(200)
  })

  it('shows routes that are there, behind the guard', async () => {
    const client = new Client((await start('_test')).address)
    for (const path of ['/api/greetings', '/api/greetings/fr', '/api/time'])
      expect((await client.get(path)).status).to.equal(401)
    const credentials = await client.registerAndLogIn()
    expect((await client.get('/api/greetings')).body).to.deep.equal({ hello: credentials.username })
    expect((await client.get('/api/greetings/fr')).body).to.deep.equal({ language: 'fr' })
    expect((await client.get('/api/time')).body).to.be.closeTo(Date.now(), 60_000)
  })

  it('shows an owner model that members log in by', async () => {
    const client = new Client((await start('_test+_members')).address)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '3141' })).status).to.equal(200)
    expect((await client.get('/api/me')).body)
      .to.include({ email: 'ada@example.org' })
      .and.to.have.keys('id', 'email')
  })

  it('shows a mode that changes the cookie', async () => {
    const client = new Client((await start('_test+_staging')).address)
    await client.registerAndLogIn()
    expect([...client.cookies.keys()]).to.deep.equal(['staging'])
  })

  it('names every key of the DNA that is there', () => {
    const names = execFileSync('find', ['plasma', '-name', '*.json'], {
      cwd: resolve(__dirname, '../dna'),
      encoding: 'utf8',
    })
    for (const file of names.trim().split('\n')) {
      const dna = JSON.parse(readFileSync(join(__dirname, '../dna', file), 'utf8')) as object
      expect(README).to.contain(`\`${file.replace('.json', '')}\``)
      for (const key of Object.keys(dna)) expect(README, file).to.match(new RegExp(`\`${key}\\b`))
    }
    const keys = [sessionsDna, expressSessionsDna, expressServerDna, throttleDna].flatMap(({ shape }) =>
      Object.keys(shape),
    )
    for (const key of keys) expect(README).to.match(new RegExp(`\`${key}\\b`))
  })
})

/** Runs the commands of a part of the README, each as it is but for the addresses, and looks at their statuses. */
function paste(part: string, addresses: Record<string, string>, folder: string, count: number): void {
  const commands = [...part.matchAll(/^(curl .*?)\s+# (\d{3})$/gm)]
  expect(commands).to.have.length(count)
  for (const [, command = '', status = ''] of commands) {
    const pasted = command.replace(/localhost:\d+/, (host) => new URL(addresses[host] ?? '').host)
    const answer = execFileSync('sh', ['-c', pasted], { cwd: folder, encoding: 'utf8' })
    expect(answer.split('\n')[0], command).to.contain(` ${status} `)
    if (status === '401') expect(answer).to.match(/content-type: application\/problem\+json/i)
  }
}
