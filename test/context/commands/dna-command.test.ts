import { expect } from 'chai'
import { startCell } from '../../../cell'
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EffectiveValue } from '../../../context/commands/effective-dna'
import { dnaCommand } from '../../support/dna-command'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const UNSET = { DATABASE_URL: undefined, REDIS_URL: undefined, COOKIE_SECRET: undefined, TRUST_PROXY: undefined }
const SECRET = 'unmistakable-secret-of-32-characters'
const CLUSTER = {
  DATABASE_URL: 'postgres://cell:pg-password@db:5432/cell',
  REDIS_URL: 'redis://:redis-password@10.0.0.5',
  COOKIE_SECRET: SECRET,
}

/** A folder with a copy of the DNA, and these files. Its code is this project's. */
function copyDna(files: Record<string, unknown> = {}): string {
  const folder = temporaryFolder()
  cpSync(join(ROOT, 'dna'), join(folder, 'dna'), { recursive: true })
  writeFiles(folder, files)
  return folder
}

/** Runs `show --json`. @returns the values by their dotted paths */
async function show(
  mode: string,
  env: Record<string, string | undefined> = {},
  root = ROOT,
): Promise<Record<string, EffectiveValue>> {
  const { code, stdout, stderr } = await dnaCommand(['show', mode, '--json'], { ...UNSET, ...env }, root)
  expect([code, stderr]).to.deep.equal([0, ''])
  const { values } = JSON.parse(stdout) as { values: EffectiveValue[] }
  return Object.fromEntries(values.map((value) => [value.path.join('.'), value]))
}

describe('npm run dna', () => {
  it('prints every value with the file that it comes from, through modes, references and defaults', async () => {
    const values = await show('_trusting+_users')
    expect(values['data.folder']).to.deep.include({ value: 'data/users', files: ['dna/_users/data.json'] })
    expect(values['plasma.express-server.port']).to.deep.include({
      value: 1338,
      files: ['dna/_users/plasma/express-server.json'],
    })
    expect(values['plasma.database.file']).to.deep.include({
      value: 'data/users/cell.db',
      files: ['dna/plasma/database.json', 'dna/_users/data.json'],
      references: ['data.folder'],
    })
    expect(values['plasma.sessions.remoteLoginEndpoint']).to.deep.include({
      value: 'http://127.0.0.1:1338/api/login',
      files: ['dna/_trusting/plasma/sessions.json', 'dna/trust-points.json'],
    })
    expect(values['plasma.express-sessions.cookie.name']?.files).to.deep.equal(['dna/plasma/express-sessions.json'])
    expect(values['plasma.express-server.bodyLimit']).to.deep.include({ value: '16kb', files: [] })
    expect(values['cell.drainSeconds']).to.deep.include({ value: 0, files: [] })
    expect(values).not.to.have.any.keys('plasma.redis.source', '_users')
  })

  it('says which variables a value is made of, and whether they are set', async () => {
    const port = 'plasma.express-server.port'
    expect((await show('_cluster'))[port]).to.deep.include({
      value: 1337,
      variables: [{ name: 'CELL_PORT', from: 'default' }],
    })
    expect((await show('_cluster', { CELL_PORT: '8080' }))[port]).to.deep.include({
      value: 8080,
      variables: [{ name: 'CELL_PORT', from: 'environment' }],
    })
    expect((await show('_cluster'))['plasma.redis.url']).to.deep.include({
      value: '{$REDIS_URL}',
      variables: [{ name: 'REDIS_URL', from: 'unset' }],
    })
  })

  it('shows a variable that is not set even where something else than a string is expected', async () => {
    const root = copyDna({ 'dna/_late/cell.json': { drainSeconds: '{$LATE_SECONDS}' } })
    expect((await show('_late', {}, root))['cell.drainSeconds']).to.include({ value: '{$LATE_SECONDS}' })
  })

  it('prints no secret, wherever it stands and however it got there', async () => {
    const root = copyDna({
      'dna/_leaky/plasma/sessions.json': { remoteLoginEndpoint: 'https://user:endpoint-password@example.org/login' },
      'dna/_leaky/plasma/api-routes.json': {
        options: {
          copy: '{$COOKIE_SECRET}',
          joined: 'before {$COOKIE_SECRET} after',
          apiKey: 'options-api-key',
          smtp: { password: ['smtp-password'] },
          list: [{ token: 'listed-token' }],
          dsn: 'host=db password=dsn-password',
          half: 'cell:half-password@db',
          broken: 'postgres://cell:sla/sh@broken-password@db:5432/cell',
          query: 'postgres://db/cell?sslmode=disable&password=query-password',
          fallback: '{$SMTP_PASSWORD:-default-password}',
          renamed: '{$SIGNED_WITH:-renamed-default-value}',
          again: 'renamed-default-value',
          smtpPwd: 'camel-password',
          signingKey: 'signing-api-key',
          hmacKeys: ['first-api-key'],
          headers: { authorization: 'Bearer header-api-key' },
          quoted: "host=db password='spaced quoted-password'",
          fragment: 'https://example.org/#access_token=fragment-api-key',
          storage: 'AccountName=a;AccountKey=storage-api-key==;EndpointSuffix=b',
          pem: '-----BEGIN PRIVATE KEY-----\nlisted-token\n-----END PRIVATE KEY-----',
        },
      },
      'dna/_leaky/plasma/express-sessions.json': {
        secret: ['{$COOKIE_SECRET}', '{$SIGNED_WITH:-renamed-default-value}'],
      },
    })
    for (const format of [[], ['--json']]) {
      const shown = await dnaCommand(['_cluster+_leaky', ...format], { ...UNSET, ...CLUSTER }, root)
      expect(shown).to.include({ code: 0, stderr: '' })
      expect(shown.stdout).not.to.match(/unmistakable|-password|-api-key|listed-token|renamed-default/)
      // What is no secret can still be read.
      for (const part of ['postgres://cell:***@db:5432/cell', 'redis://:***@10.0.0.5', 'data/cookie-secret'])
        expect(shown.stdout).to.contain(part)
      expect(shown.stdout).to.match(/\/password.+owner|"owner"/)
    }
  })

  it('prints no secret that the schema of an organelle forgets to call secret', async () => {
    const schema = "z.object({ apiKey: z.string(), passwords: z.boolean(), token: z.string().default('by-default') })"
    const root = copyDna({
      'dna/plasma/own.json': { source: 'own', apiKey: 'own-api-key', passwords: true },
      'own.js': `const { z } = require(${JSON.stringify(require.resolve('zod'))})
        module.exports = Object.assign(() => {}, { dnaSchema: ${schema} })`,
    })
    const values = await show('', {}, root)
    const shown = ['apiKey', 'passwords', 'token'].map((key) => values[`plasma.own.${key}`]?.value)
    expect(shown).to.deep.equal(['***', true, '***'])
  })

  it('prints columns, with a heading for each branch, and nothing that moves the cursor', async () => {
    const { stdout } = await dnaCommand(['_users'], { ...UNSET, TRUST_PROXY: 'loop\u001b[2Jback' })
    expect(stdout).to.match(/^plasma\/express-server$/m)
    expect(stdout).to.match(/^ {2}port {2,}1338 {2,}dna\/_users\/plasma\/express-server\.json$/m)
    expect(stdout).to.match(/^ {2}bodyLimit {2,}16kb {2,}default$/m)
    expect(stdout).to.match(/trustProxy +loop\\u001b\[2Jback +\S+ {2}\$TRUST_PROXY: set$/m)
    expect(stdout).not.to.contain('\u001b')
  })

  it('takes the mode of CELL_MODE, and refuses unknown ones with what was meant', async () => {
    expect((await dnaCommand([], { ...UNSET, CELL_MODE: '_apps' })).stdout).to.contain('1339')
    for (const command of [[], ['show'], ['check']]) {
      expect(await dnaCommand([...command, '_productoin'])).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'cell: CELL_MODE: unknown mode "_productoin", did you mean "_production"?\n',
      })
    }
  })

  it('shows an organelle that has no schema, does not load, is off, or has faults', async () => {
    const root = copyDna({
      'dna/plasma/nothing.json': 'null',
      'dna/plasma/odd.json': { source: 'odd' },
      'odd.js': 'module.exports = Object.assign(() => {}, { dnaSchema: { safeParse: 5 } })',
      'dna/plasma/own.json': { source: 'own', deep: { words: ['a', 'b'], none: {} } },
      'dna/plasma/missing.json': { source: 'missing' },
      'dna/_odd/plasma/audit.json': 'false',
      'dna/_odd/plasma/throttle.json': { account: { failures: 'many' }, knwonSeconds: 1 },
      'own.js': 'module.exports = () => {}',
    })
    const values = await show('_odd', {}, root)
    expect(values['plasma.own.deep.words']).to.deep.include({ value: ['a', 'b'], files: ['dna/plasma/own.json'] })
    expect(values['plasma.own.deep.none']?.value).to.deep.equal({})
    expect(values['plasma.missing.source']?.value).to.equal('missing')
    expect(values['plasma.nothing']?.value).to.equal(null)
    expect(values['plasma.odd.source']?.value).to.equal('odd')
    expect(values['plasma.audit']).to.deep.include({ value: false, files: ['dna/_odd/plasma/audit.json'] })
    expect(values['plasma.throttle.account.failures']?.value).to.equal('many')
  })
})

describe('npm run dna -- check', () => {
  it('says ok, and leaves nothing behind', async () => {
    const root = copyDna()
    const ok = 'ok: the DNA of _production+_cluster, 13 organelles\n'
    expect(await dnaCommand(['check', '_production+_cluster'], { ...UNSET, ...CLUSTER }, root)).to.deep.equal({
      code: 0,
      stdout: ok,
      stderr: '',
    })
    expect((await dnaCommand(['check'], UNSET, root)).stdout).to.equal('ok: the DNA without a mode, 11 organelles\n')
    expect(readdirSync(root)).to.deep.equal(['dna'])
    expect(existsSync(join(root, 'data'))).to.equal(false)
  })

  it('finds a source that is all of the DNA and does not load, and a schema that does not work', async () => {
    const root = copyDna({
      'dna/_bad/plasma/missing.json': '"missing"',
      'dna/_bad/plasma/odd.json': { source: 'odd' },
      'odd.js': 'module.exports = Object.assign(() => {}, { dnaSchema: { safeParse: 5 } })',
    })
    const { stderr } = await dnaCommand(['check', '_bad'], UNSET, root)
    expect(stderr.split('\n').slice(0, -1)).to.deep.equal([
      'cell: dna/_bad/plasma/missing.json: source: there is neither a file nor a package missing',
      'cell: dna/_bad/plasma/odd.json: source: its dnaSchema cannot be used: schema.safeParse is not a function',
    ])
  })

  it('prints all faults as the boot prints them', async () => {
    const root = copyDna({
      'dna/_bad/plasma/express-server.json': { prot: 1 },
      'dna/_bad/plasma/throttle.json': { account: { failures: 'many' } },
      'dna/_bad/plasma/express-sessions.json': { secret: '{$COOKIE_SECRET}' },
      'dna/_bad/unread.json': {},
    })
    const checked = await dnaCommand(['check', '_bad'], UNSET, root)
    expect(checked).to.include({ code: 1, stdout: '' })
    expect(checked.stderr.split('\n')).to.have.length(5)
    expect(checked.stderr).to.contain(
      'cell: dna/_bad/plasma/express-server.json: prot: unknown key, did you mean "port"?\n',
    )
    const booted = await rejectionOf(() => startCell({ mode: '_bad', root }))
    expect(checked.stderr).to.equal(`${booted.message.replace(/^/gm, 'cell: ')}\n`)
  })
})
