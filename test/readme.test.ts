import { expect } from 'chai'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client, newCredentials } from './support/client'
import { CellProcess } from './support/process'
import { copyProject } from './support/project'

const README = readFileSync(resolve(__dirname, '../README.md'), 'utf8')

/** The files that the README shows: a line that names one, and the block below it. */
const FILES = Object.fromEntries(
  [...README.matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)```/gm)].map(([, name = '', content = '']) => [name, content]),
)
const TRANSCRIPT = [...README.matchAll(/^(curl .*?)\s+# (\d{3})$/gm)].map(([, command = '', status = '']) => ({ command, status }))

describe('the README', () => {
  const cells: CellProcess[] = []

  after(async () => {
    await Promise.all(cells.map((cell) => cell.end()))
  })

  async function start(mode: string): Promise<{ address: string; folder: string }> {
    const folder = copyProject(FILES)
    const cell = new CellProcess(folder, { CELL_MODE: mode, CELL_DATA: 'data' })
    cells.push(cell)
    return { address: await cell.ready(), folder }
  }

  it('has a transcript that answers as it says when it is pasted', async function () {
    if (spawnSync('curl', ['--version']).error) {
      // The transcript is one of curl.
      this.skip()
    }
    expect(TRANSCRIPT).to.have.length(6)
    const { address, folder } = await start('_test')
    for (const { command, status } of TRANSCRIPT) {
      const pasted = command.replace('localhost:1337', new URL(address).host)
      const answer = execFileSync('sh', ['-c', pasted], { cwd: folder, encoding: 'utf8' })
      expect(answer.split('\n')[0], command).to.contain(` ${status} `)
      if (status === '401') expect(answer).to.match(/content-type: application\/problem\+json/i)
    }
  })

  it('shows routes that are there, behind the guard', async () => {
    const client = new Client((await start('_test')).address)
    for (const path of ['/api/greetings', '/api/greetings/fr', '/api/time']) expect((await client.get(path)).status).to.equal(401)
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    await client.post('/api/login', credentials)
    expect((await client.get('/api/greetings')).body).to.deep.equal({ hello: credentials.username })
    expect((await client.get('/api/greetings/fr')).body).to.deep.equal({ language: 'fr' })
    expect((await client.get('/api/time')).body).to.be.closeTo(Date.now(), 5000)
  })

  it('shows an owner model that members log in by', async () => {
    const client = new Client((await start('_test+_members')).address)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '3141' })).status).to.equal(200)
    expect((await client.get('/api/me')).body).to.have.property('email', 'ada@example.org')
  })

  it('shows a mode that changes the cookie', async () => {
    const client = new Client((await start('_test+_staging')).address)
    const credentials = newCredentials()
    await client.post('/api/register', credentials)
    await client.post('/api/login', credentials)
    expect([...client.cookies.keys()]).to.deep.equal(['staging'])
  })

  it('names every key of the DNA that is there', () => {
    const names = execFileSync('find', ['plasma', '-name', '*.json'], { cwd: resolve(__dirname, '../dna'), encoding: 'utf8' })
    for (const file of names.trim().split('\n')) {
      const dna = JSON.parse(readFileSync(join(__dirname, '../dna', file), 'utf8')) as object
      expect(README).to.contain(`\`${file.replace('.json', '')}\``)
      for (const key of Object.keys(dna)) expect(README, file).to.match(new RegExp(`\`${key}\\b`))
    }
  })
})
