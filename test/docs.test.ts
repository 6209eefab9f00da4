import { expect } from 'chai'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { PROBLEM_CODES } from '../context/cell'
import { updateReference } from '../context/commands/dna-reference'
import { startTestCell, type TestCell } from './support/cell'
import { ROOT, copyProject } from './support/project'

const run = promisify(execFile)
const PAGES = ['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'TRUST.md', 'CONTRIBUTING.md']
  .concat(
    readdirSync(join(ROOT, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  )
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }))

/** The text of a page. */
function page(name: string): string {
  return PAGES.find((each) => each.name === name)?.text ?? expect.fail(`there is no ${name}`)
}

/** The files that the pages show: a line that names one, and the block below it. */
const FILES = Object.fromEntries(
  PAGES.flatMap(({ text }) => [...text.matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)```/gm)]).map(
    ([, name = '', content = '']) => [name, content],
  ),
)

describe('the documentation', () => {
  const cells: TestCell[] = []
  let folder: string
  before(() => {
    folder = copyProject(FILES)
  })
  after(() => Promise.all(cells.map((cell) => cell.stop())))

  async function start(mode = '_test', changes: object = {}): Promise<TestCell> {
    const cell = await startTestCell(changes, folder, mode)
    cells.push(cell)
    return cell
  }

  describe('has transcripts that answer as they say when they are pasted', () => {
    before(function () {
      if (spawnSync('curl', ['--version']).error) this.skip()
    })

    it('of one cell (pending without curl)', async () => {
      await paste(page('README.md'), { 1337: await start() }, 6)
    })

    it('of three cells (pending without curl)', async () => {
      const [users, apps] = await Promise.all([start('_users+_test'), start('_apps+_test')])
      const points = { users: `${users.address ?? ''}/api/login`, apps: `${apps.address ?? ''}/api/login` }
      const trusting = await start('_trusting+_test', { 'trust-points': points })
      await paste(page('docs/trust.md'), { 1338: users, 1337: trusting }, 3)
    })
  })

  it('names the ports of the modes', () => {
    for (const [port, mode] of Object.entries({ 1337: '.', 1338: '_users', 1339: '_apps' })) {
      const dna = readFileSync(join(ROOT, 'dna', mode, 'plasma/express-server.json'), 'utf8')
      expect(JSON.parse(dna)).to.have.property('port', Number(port))
      expect(page('docs/trust.md')).to.contain(`:${port}`)
    }
  })

  it('shows TypeScript that compiles', async () => {
    const shown = Object.keys(FILES).filter((name) => name.endsWith('.ts'))
    expect(shown).not.to.be.empty
    const include = [...shown, 'context/**/*.d.ts', 'routes/declarations.ts', 'plasma/**/*.d.ts']
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include }))
    // Rejects with what it prints.
    await run(process.execPath, [join(ROOT, 'node_modules/.bin/tsc'), '--project', folder]).catch(({ stdout }) =>
      expect.fail(String(stdout)),
    )
  })

  it('shows files of the examples as they are', () => {
    const shown = Object.entries(FILES).filter(([name]) => name.startsWith('examples/'))
    expect(shown).to.have.length(2)
    for (const [name, text] of shown) expect(readFileSync(join(ROOT, name), 'utf8'), name).to.equal(text)
  })

  it('shows routes behind the guard, and a guarded folder', async () => {
    const client = (await start()).client()
    for (const path of ['/api/greetings', '/api/greetings/fr', '/api/time', '/members', '/members/id']) {
      expect(await client.get(path), path).to.deep.include({ status: 401 })
    }
    const { username } = await client.registerAndLogIn()
    expect((await client.get('/members/id')).status).to.equal(200)
    expect((await client.get('/api/greetings')).body).to.deep.equal({ hello: username })
    expect((await client.get('/api/greetings/fr')).body).to.deep.equal({ language: 'fr' })
    expect((await client.get('/api/time')).body).to.be.a('number')
  })

  it('shows an owner model by which members log in', async () => {
    const client = (await start('_test+_members')).client()
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '3141' })).status).to.equal(200)
    const { body } = await client.get('/api/me')
    expect(body).to.have.keys('id', 'email')
    // Applications name owners by their ids, so nobody may guess them.
    expect((body as { id: unknown }).id).to.match(/^[\da-f-]{36}$/)
  })

  it('shows an organelle with a table and routes of its own', async () => {
    const cell = await start('_test+_notes')
    const [ada, grace] = [cell.client(), cell.client()]
    expect((await ada.get('/api/notes')).status).to.equal(401)
    const { username } = await ada.registerAndLogIn()
    await grace.registerAndLogIn()
    expect((await ada.post('/api/notes', { text: 'x'.repeat(201) })).body).to.include({ code: 'INVALID_NOTE' })
    const { status, body } = await ada.post('/api/notes', { text: 'first' })
    expect([status, (await ada.get('/api/notes')).body]).to.deep.equal([201, [{ ...Object(body), text: 'first' }]])
    expect((await grace.get('/api/notes')).body).to.deep.equal([])

    const { query } = cell.database
    await query.deleteFrom('owners').where('own_name', '=', username).execute()
    expect(
      await query
        .selectFrom('notes' as 'owners')
        .selectAll()
        .execute(),
    ).to.deep.equal([])
  })

  it('shows headers, another origin, and a file that browsers keep', async () => {
    const client = (await start('_test+_open')).client()
    const { headers, text } = await client.get('/script', { origin: 'https://app.example.org' })
    expect(headers.get('content-security-policy')).to.include("script-src 'self'")
    expect(headers.get('access-control-allow-origin')).to.equal('https://app.example.org')
    const [, url = ''] = /src="([^"]+)"/.exec(text) ?? []
    expect((await client.get(url)).headers.get('cache-control')).to.include('immutable')
  })

  it('shows a mode that renames the cookie', async () => {
    const client = (await start('_test+_staging')).client()
    await client.registerAndLogIn()
    expect([...client.cookies.keys()]).to.deep.equal(['staging'])
  })

  it('lists every key of the DNA as the schemas describe it, and the keys of every organelle', () => {
    const written = page('docs/dna.md')
    const isCurrent = updateReference(written, ROOT) === written
    expect(isCurrent, 'docs/dna.md is not what the code says: run npm run dna -- schemas').to.equal(true)
    const organelles = readdirSync(join(ROOT, 'dna/plasma')).map((file) => `plasma/${file.replace('.json', '')}`)
    for (const name of organelles) expect(written).to.contain(`\n### \`${name}\`\n`)
    for (const key of ['source', 'reactOn', 'emitReady', 'needs', 'cookie.sameSite', 'options.registration'])
      expect(written).to.contain(`\`${key}\``)
  })

  it('lists every error code with its status, and no other, each with a meaning', () => {
    const listed = [...page('docs/http-api.md').matchAll(/^\| (\d{3}) \| `([A-Z_]+)` \| .{10,} \|$/gm)]
    expect(Object.fromEntries(listed.map(([, status, code]) => [code, Number(status)]))).to.deep.equal(PROBLEM_CODES)
  })

  it('has no link that leads nowhere', () => {
    for (const { name, text } of PAGES) {
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(existsSync(resolve(ROOT, dirname(name), link)), `${name}: ${link}`).to.equal(true)
      }
    }
  })

  /** Runs the commands of a page on these cells, and compares their statuses. */
  async function paste(text: string, cellsByPort: Record<number, TestCell>, count: number): Promise<void> {
    const commands = [...text.matchAll(/^(curl .*?)\s+# (\d{3})$/gm)]
    expect(commands).to.have.length(count)
    for (const [, command = '', status = ''] of commands) {
      const pasted = command.replace(/localhost:(\d+)/, (_host, port: string) => {
        return new URL(cellsByPort[Number(port)]?.address ?? '').host
      })
      const { stdout } = await run('sh', ['-c', pasted], { cwd: folder })
      expect(stdout.split('\n')[0], command).to.contain(` ${status} `)
      if (status === '401') expect(stdout).to.match(/content-type: application\/problem\+json/i)
    }
  }
})
