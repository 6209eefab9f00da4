import { expect } from 'chai'
import { join } from 'node:path'
import { AuditLog } from '../../support/audit-log'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import type { Client } from '../../support/client'
import { keepErrorLog } from '../../support/error-log'
import { ownersHere, type CommandEnd } from '../../support/owners-command'
import { redisDnaOf } from '../../support/redis-cell'
import {
  needRedis,
  needRedisServer,
  NO_REDIS,
  NO_REDIS_SERVER,
  redisUrl,
  RedisServer,
} from '../../support/redis-server'
import { until } from '../../support/until'

/** The root of a cell with sessions in Redis, and what runs its commands in a mode of this DNA. */
function newRoot(modes: Record<string, Record<string, object>>): {
  data: { folder: string }
  start: (mode: string) => Promise<TestCell>
  run: (mode: string, ...parameters: string[]) => Promise<CommandEnd>
} {
  const files = Object.entries(modes).flatMap(([mode, dna]) =>
    Object.entries(dna).map(([name, content]) => [`dna/${mode}/plasma/${name}.json`, content] as const),
  )
  const root = cellFolder(Object.fromEntries(files))
  const data = { folder: join(root, 'data') }
  return {
    data,
    start: (mode) => startTestCell({ data }, root, `_test+${mode}`),
    run: (mode, ...parameters) =>
      ownersHere({ CELL_MODE: `_test+${mode}`, CELL_DATA: data.folder }, { root })(parameters, 'another password'),
  }
}

const statusOf = async (client: Client): Promise<number> => (await client.copy().get('/api/me')).status

describe(`npm run owners, with sessions in Redis (${NO_REDIS})`, () => {
  needRedis()

  it('ends them there', async () => {
    const plasma = redisDnaOf(await redisUrl(), { prefix: `test-${crypto.randomUUID()}:`, waitSeconds: 20 })
    const { start, run } = newRoot({ _redis: plasma })
    const cell = await start('_redis')
    const [one, two] = [cell.client(), cell.client()]
    const { username } = await one.registerAndLogIn()
    await two.registerAndLogIn()
    expect(await run('_redis', 'end-sessions', username)).to.include({ code: 0 })
    expect([await statusOf(one), await statusOf(two)]).to.deep.equal([401, 200])
    // Nobody confirms it, but they have been counted.
    expect((await run('_redis', 'end-all-sessions')).stderr).to.include('This ends all 1 sessions')
    expect(await statusOf(two)).to.equal(200)
    expect(await run('_redis', 'end-all-sessions', '--yes')).to.include({ code: 0, stderr: '' })
    expect(await statusOf(two)).to.equal(401)
    await cell.stop()
  })
})

describe(`npm run owners, with sessions in a Redis that is away (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  keepErrorLog()
  let server: RedisServer
  let cell: TestCell
  afterEach(async () => {
    await cell?.stop()
    await server?.stop()
  })

  const outages: [how: string, begin: (server: RedisServer) => unknown, end: (server: RedisServer) => unknown][] = [
    ['killed', (server) => server.stop(), (server) => server.start()],
    ['stopped by SIGSTOP', (server) => server.signal('SIGSTOP'), (server) => server.signal('SIGCONT')],
  ]
  for (const [how, begin, end] of outages) {
    it(`changes owners at once, says what holds, and can be repeated: ${how}`, async () => {
      server = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always')
      const dna = (times: object): Record<string, object> =>
        redisDnaOf(server.url.replace('//', '//:unmistakable-secret@'), times)
      const hasty = { waitSeconds: 1, commandTimeout: 500 }
      const { data, start, run } = newRoot({ _redis: dna({ commandTimeout: 30_000 }), _hasty: dna(hasty) })
      cell = await start('_redis')
      const audit = new AuditLog(join(data.folder, 'audit.log'))
      const logIn = async (): Promise<{ client: Client; username: string; password: string }> => {
        const client = cell.client()
        return { client, ...(await client.registerAndLogIn()) }
      }
      const changes = [
        [['disable'], 'OwnerDisabled'],
        [['reset-password', '--generate'], 'PasswordReset'],
        [['delete'], 'OwnerDeleted'],
      ] as const
      const owners = await Promise.all(changes.map(logIn))
      const nobody = await logIn()
      const countKeys = async (): Promise<number> =>
        ((await server.command('KEYS', 'cell:session:*')) as string[]).length
      expect(await countKeys()).to.equal(4)

      await begin(server)
      let generated = ''
      for (const [index, [command, event]] of changes.entries()) {
        const { username = '' } = owners[index] ?? {}
        const [line] = await audit.during(async () => {
          const { code, stdout, stderr } = await run('_hasty', ...command, username)
          expect(code, stderr).to.equal(1)
          expect(stderr).to.match(
            /^owners: the database was changed, so no cell accepts the earlier sessions\. They stay in the session store until they expire, because it failed: redis:\/\/127\.0\.0\.1:\d+ has not answered within 1 s: .+\n$/,
          )
          expect(stderr).not.to.include('secret')
          if (command.length > 1) generated = stdout.trim()
        })
        expect(line).to.include({ event, reason: 'BY_OPERATOR' })
      }
      expect(generated).to.match(/^[\w-]{24}$/)
      // What does not concern sessions needs no Redis.
      expect(await run('_hasty', 'list')).to.include({ code: 0, stderr: '' })
      expect(await run('_hasty', 'create', 'eve')).to.include({ code: 0, stderr: '' })
      expect((await run('_hasty', 'disable', 'nobody')).stderr).to.equal('owners: There is no user "nobody".\n')

      await end(server)
      await until(async () => (await statusOf(nobody.client)) === 200)
      expect(await countKeys()).to.equal(4)
      expect(await run('_redis', 'disable', owners[0]?.username ?? '')).to.include({ code: 0, stderr: '' })
      expect(await countKeys()).to.equal(3)
      for (const { client } of owners) expect(await statusOf(client)).to.equal(401)
      const logInAgain = async (index: number, password = owners[index]?.password): Promise<number> =>
        (await cell.client().post('/api/login', { username: owners[index]?.username, password })).status
      expect([await logInAgain(0), await logInAgain(1), await logInAgain(2)]).to.deep.equal([401, 401, 401])
      expect(await logInAgain(1, generated)).to.equal(200)

      await begin(server)
      const all = await run('_hasty', 'end-all-sessions', '--yes')
      expect(all.code).to.equal(1)
      expect(all.stderr).to.include('owners: the database was changed')
      await end(server)
      await until(async () => (await statusOf(nobody.client)) === 401)
      expect(await run('_redis', 'end-all-sessions', '--yes')).to.include({ code: 0, stderr: '' })
      expect(await countKeys()).to.equal(0)
    })
  }
})
