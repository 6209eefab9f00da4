import { expect } from 'chai'
import { sql } from 'kysely'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Database, type OwnerRow, type SessionRow, type ThrottleRow } from '../../../context/sql'
import { startTestCell, cellFolder, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { setEnvironment } from '../../support/environment'
import { keepErrorLog } from '../../support/error-log'
import { moveHere } from '../../support/move-command'
import { ownerRow } from '../../support/owner-row'
import { ownersCommand, type CommandEnd } from '../../support/owners-command'
import { hasPostgres, newPostgresUrl, queryPostgres } from '../../support/postgres'
import { ROOT } from '../../support/project'
import { commandAt, needRedis, needRedisServer, NO_REDIS, redisUrl, RedisServer } from '../../support/redis-server'
import { temporaryFolder } from '../../support/temporary-folder'
import { ClientAt, LIMITS, newAddress } from '../../support/throttled-cell'

const NO_POSTGRES = 'pending without PostgreSQL'
const SECRET = 'unmistakable-secret'
const HOUR = 3_600_000
const COOKIE_SECRET = 'a secret of more than thirty-two characters'

/** A cell's folder with modes for tests. `_apart` comes after `_cluster`. */
function newRoot(): { root: string; data: string; file: string } {
  const times = { connectTimeout: 30_000, commandTimeout: 30_000 }
  const root = cellFolder({
    'dna/_apart/plasma/redis.json': { prefix: `test-${crypto.randomUUID()}:`, ...times },
    'dna/_hurried/plasma/redis.json': { waitSeconds: 0 },
    'dna/_impatient/plasma/database.json': { waitSeconds: 0 },
    'dna/_limited/plasma/express-server.json': { trustProxy: 'loopback' },
    'dna/_limited/plasma/express-sessions.json': { secret: '{$COOKIE_SECRET}' },
    'dna/_limited/plasma/throttle.json': LIMITS,
  })
  const data = join(root, 'data')
  return { root, data, file: join(data, 'cell.db') }
}

/** The bytes of a database and its write-ahead log. An empty log is none. */
function bytesOf(file: string): string[] {
  const read = (name: string): string => {
    try {
      return readFileSync(name, 'base64')
    } catch {
      return ''
    }
  }
  return [read(file), read(`${file}-wal`)]
}

function sessionRow(id_hash: string, changes: Partial<SessionRow> = {}): SessionRow {
  const now = Date.now()
  const times = { created_at: now - HOUR, seen_at: now - HOUR, expires_at: now + HOUR }
  return { id_hash, family: id_hash, owner_id: 'ada', data: '{}', address: null, agent: null, ...times, ...changes }
}

function throttleRow(key: string, changes: Partial<ThrottleRow> = {}): ThrottleRow {
  return { key, points: 2, blocked_until: 0, expires_at: Date.now() + HOUR, ...changes }
}

interface Rows {
  owners?: OwnerRow[]
  sessions?: SessionRow[]
  throttles?: ThrottleRow[]
}

/** Writes rows into the database of a cell that does not run. */
async function fill(
  place: string | { url: string },
  { owners = [], sessions = [], throttles = [] }: Rows,
): Promise<void> {
  const database = await Database.open(place)
  for (const row of owners) await database.query.replaceInto('owners').values(row).execute()
  for (const row of sessions) await database.query.replaceInto('sessions').values(row).execute()
  for (const row of throttles) await database.query.replaceInto('throttles').values(row).execute()
  await database.close()
}

describe('npm run move', () => {
  it('as documented, ends with 1 and says why, if there is nothing to move', async () => {
    const env = { CELL_MODE: '_test', CELL_DATA: temporaryFolder() }
    const move = ownersCommand(ROOT, env, ['npm', 'run', '--silent', 'move', '--'])
    const { code, stdout, stderr } = await move(['--to', `postgres://cell:${SECRET}@127.0.0.1:1/cell`])
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.equal(`move: ${env.CELL_DATA}/cell.db is not there: there is nothing to move\n`)
  })

  describe('refuses, before anything is written,', () => {
    const { root, data, file } = newRoot()
    const run = (parameters: string[], mode = '_test', env = {}): Promise<CommandEnd> =>
      moveHere(
        { CELL_MODE: mode, CELL_DATA: data, DATABASE_URL: undefined, REDIS_URL: undefined, ...env },
        parameters,
        root,
      )
    const away = `postgres://cell:${SECRET}@127.0.0.1:1/cell`
    before(() => fill(file, { owners: [ownerRow('ada')] }))

    const refused: [title: string, parameters: string[], mode: string, message: RegExp, env?: object][] = [
      ['no target at all', [], '_test', /^move: there is no PostgreSQL server to move to: pass --to/],
      ['a variable that is not set', [], '_test+_cluster', /DATABASE_URL/, { REDIS_URL: 'redis://127.0.0.1:1' }],
      ['another kind of URL', ['--to', `mysql://cell:${SECRET}@h/d`], '_test', /^move: --to: expected a URL/],
      ['an unknown option', ['--from', 'x'], '_test', /^error: unknown option '--from'/],
      [
        'a server that is away',
        ['--to', away],
        '_test+_impatient',
        /PostgreSQL at 127\.0\.0\.1:1\/cell cannot be used/,
      ],
    ]
    for (const [title, parameters, mode, message, env] of refused) {
      it(title, async () => {
        const before = bytesOf(file)
        const { code, stdout, stderr } = await run(parameters, mode, env)
        expect([code, stdout]).to.deep.equal([1, ''])
        expect(stderr).to.match(message).and.not.include(SECRET)
        expect(bytesOf(file)).to.deep.equal(before)
      })
    }

    it("a source that is no cell's database, or of another version", async () => {
      for (const [change, message] of [
        ["insert into kysely_migration values ('9999-newer', 'today')", /newer version, with 9999-newer/],
        ["delete from kysely_migration where name like '0006%'", /older version, without 0006-session-families: start/],
        ['drop table kysely_migration', /it is not a cell's database/],
      ] as const) {
        const other = newRoot()
        const database = await Database.open(other.file)
        await sql.raw(change).execute(database.query)
        await database.close()
        const { code, stderr } = await moveHere(
          { CELL_MODE: '_test', CELL_DATA: other.data },
          ['--to', away],
          other.root,
        )
        expect(code).to.equal(1)
        expect(stderr)
          .to.match(/^move: \S+cell\.db cannot be read: /)
          .and.match(message)
      }
      const none = newRoot()
      cpSync(join(ROOT, 'package.json'), none.file, { recursive: true })
      const refusal = await moveHere({ CELL_MODE: '_test', CELL_DATA: none.data }, ['--to', away], none.root)
      expect(refusal.stderr).to.match(/cell\.db cannot be read: file is not a database/)
    })
  })
})

describe(`npm run move, to PostgreSQL (${NO_POSTGRES})`, () => {
  before(function () {
    if (!hasPostgres()) this.skip()
  })
  let at: ReturnType<typeof newRoot>
  let url: string
  beforeEach(async () => {
    at = newRoot()
    url = await newPostgresUrl()
  })
  const move = (parameters: string[] = []): Promise<CommandEnd> =>
    moveHere(
      { CELL_MODE: '_test', CELL_DATA: at.data, COOKIE_SECRET: undefined },
      ['--to', url, ...parameters],
      at.root,
    )
  const countsAt = async (): Promise<unknown> =>
    (
      await queryPostgres(
        url,
        `select (select count(*) from owners)::int as owners, (select count(*) from sessions)::int as sessions,
          (select count(*) from throttles)::int as throttles`,
      )
    )[0]
  const numbered = <T>(count: number, make: (name: string) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(`row-${index}`))

  it('copies every row that has not expired, shows its progress, and changes nothing at the source', async () => {
    const row: OwnerRow = {
      ...ownerRow('löwe', 'Löwe "x" \u0001'),
      name: 'Ada',
      email: 'ada@example.org',
      password_hash: 'hash',
      trust_point: 'http://127.0.0.1/api/login',
      disabled_at: 5,
      security_stamp: 'stamp',
    }
    const session = sessionRow('full', { family: 'first', address: '::1', agent: 'curl', data: '{"a":"\\u0000ä"}' })
    await fill(at.file, {
      owners: [row, ...numbered(450, ownerRow)],
      sessions: [session, sessionRow('over', { expires_at: 1 }), ...numbered(201, sessionRow)],
      throttles: [throttleRow('one'), throttleRow('over', { expires_at: 1 })],
    })
    const before = bytesOf(at.file)
    const { code, stdout, stderr } = await move()
    expect([code, stdout], stderr).to.deep.equal([0, ''])
    expect(stderr).to.match(/^move: owners: from \S+cell\.db to PostgreSQL at \S+$/m)
    expect(stderr).to.match(/^move: owners: 451 of 451$/m)
    expect(stderr).to.include('move: verified: the target has all 451 owners, 202 sessions, 1 throttles\n')
    expect(bytesOf(at.file)).to.deep.equal(before)
    expect(await countsAt()).to.deep.equal({ owners: 451, sessions: 202, throttles: 1 })
    const target = await Database.open({ url })
    const [owner] = await target.query.selectFrom('owners').selectAll().where('id', '=', row.id).execute()
    const [moved] = await target.query.selectFrom('sessions').selectAll().where('id_hash', '=', 'full').execute()
    expect([owner, moved]).to.deep.equal([row, session])
    await target.close()
  })

  it('copies what is only in the write-ahead log, as a crash leaves it', async () => {
    const running = join(temporaryFolder(), 'cell.db')
    const database = await Database.open(running)
    await database.query.insertInto('owners').values(ownerRow('ada')).execute()
    for (const end of ['', '-wal']) cpSync(running + end, at.file + end)
    await database.close()
    const before = bytesOf(at.file)
    expect(before[1]).not.to.equal('')
    expect((await move()).code).to.equal(0)
    expect(await countsAt()).to.deep.include({ owners: 1 })
    expect(bytesOf(at.file)).to.deep.equal(before)
  })

  it('can be repeated: newer rows win on either side, and nothing is there twice', async () => {
    const [now, later] = [Date.now() - HOUR, Date.now() - 1000]
    const [blocked, until] = [{ blocked_until: now + 2 * HOUR }, now + 3 * HOUR]
    const rows = (name: string, seen_at: number, points: number): Required<Rows> => ({
      owners: [{ ...ownerRow(name), name: String(seen_at), updated_at: seen_at }],
      sessions: [sessionRow(name, { seen_at, data: `{"n":${seen_at}}` })],
      throttles: [throttleRow(name, { points, ...blocked, expires_at: until })],
    })
    await fill(at.file, rows('here', now, 1))
    await fill(at.file, rows('there', now, 1))
    expect((await move()).code).to.equal(0)
    await fill(at.file, rows('here', later, 2))
    const target = await Database.open({ url })
    const { sessions, throttles } = rows('there', later, 2)
    await target.query
      .updateTable('owners')
      .set({ name: String(later), updated_at: later })
      .where('id', '=', 'there')
      .execute()
    await target.query
      .updateTable('sessions')
      .set(sessions[0] ?? {})
      .where('id_hash', '=', 'there')
      .execute()
    await target.query
      .updateTable('throttles')
      .set(throttles[0] ?? {})
      .where('key', '=', 'there')
      .execute()
    await target.query.insertInto('owners').values(ownerRow('new')).execute()
    const refused = await move()
    expect(refused.code).to.equal(1)
    expect(refused.stderr).to.match(/nothing was moved: a move to this database was complete at 20\S+Z, .*--again/)
    expect(await countsAt()).to.deep.equal({ owners: 3, sessions: 2, throttles: 2 })
    expect((await move(['--again'])).code).to.equal(0)
    expect(await countsAt()).to.deep.equal({ owners: 3, sessions: 2, throttles: 2 })
    const found = [
      await target.query.selectFrom('owners').select('name').where('id', '!=', 'new').execute(),
      await target.query.selectFrom('sessions').select('data').execute(),
      await target.query.selectFrom('throttles').select(['points', 'blocked_until']).execute(),
    ]
    expect(found).to.deep.equal([
      [{ name: String(later) }, { name: String(later) }],
      [{ data: `{"n":${later}}` }, { data: `{"n":${later}}` }],
      [
        { points: 2, ...blocked },
        { points: 2, ...blocked },
      ],
    ])
    await target.close()
  })

  it('names owners who have the name or the id of somebody else there, and moves nothing', async () => {
    await fill(at.file, {
      owners: [ownerRow('1', 'ada'), ownerRow('2', 'bob'), ownerRow('3', 'eve')],
      sessions: [sessionRow('one')],
    })
    const target = await Database.open({ url })
    const apps = { ...ownerRow('2', 'app'), kind: 'app' }
    await target.query
      .insertInto('owners')
      .values([ownerRow('9', 'ada'), apps, ownerRow('3', 'eve')])
      .execute()
    await target.close()
    const { code, stderr } = await move()
    expect(code).to.equal(1)
    expect(stderr).to.include('move: nothing was moved: the target has other owners with the same name or id: ')
    expect(stderr)
      .to.include('user "ada" (id "1" here, user "9" there)')
      .and.include('user "bob" (id "2" here, app "2"')
    expect(stderr).not.to.include('eve')
    expect(await countsAt()).to.deep.equal({ owners: 3, sessions: 0, throttles: 0 })
  })

  it('refuses a target with a newer schema', async () => {
    await fill(at.file, {})
    await (await Database.open({ url })).close()
    await queryPostgres(url, "insert into kysely_migration values ('9999-newer', 'today')")
    const { code, stderr } = await move()
    expect(code).to.equal(1)
    expect(stderr).to.match(/PostgreSQL at \S+ cannot be used: .*9999-newer/)
  })

  /** Makes inserts of one row fail, or do nothing, until it is called. */
  const spoil = async (work: string): Promise<() => Promise<unknown>> => {
    await (await Database.open({ url })).close()
    await queryPostgres(
      url,
      `create function spoil() returns trigger language plpgsql as $$ begin ${work}; return null; end $$;
       create trigger spoil before insert on sessions for each row when (new.id_hash = 'row-300') execute function spoil()`,
    )
    return () => queryPostgres(url, 'drop trigger spoil on sessions')
  }
  const failures: [title: string, work: string, message: RegExp][] = [
    [
      'is full',
      `raise exception 'no space left' using errcode = '53100'`,
      /cannot be used: no space left\. Move again/,
    ],
    [
      'ends the connection',
      'perform pg_terminate_backend(pg_backend_pid())',
      /cannot be used: terminating .*Move again/,
    ],
    [
      'takes a row and does not keep it',
      'null',
      /the counts differ: the target has only 399 of 400 sessions\. Move again/,
    ],
  ]
  for (const [title, work, message] of failures) {
    it(`says so if the target ${title} midway, and can be repeated then`, async () => {
      await fill(at.file, { owners: [ownerRow('ada')], sessions: numbered(400, sessionRow) })
      const before = bytesOf(at.file)
      const repair = await spoil(work)
      const { code, stderr } = await move()
      expect([code, bytesOf(at.file)]).to.deep.equal([1, before])
      expect(stderr).to.match(message).and.not.include('verified')
      await repair()
      expect((await move()).code).to.equal(0)
      expect(await countsAt()).to.deep.include({ owners: 1, sessions: 400 })
    })
  }
})

describe(`npm run move, to PostgreSQL and Redis (${NO_POSTGRES}; ${NO_REDIS})`, () => {
  keepErrorLog()
  before(function () {
    if (!hasPostgres()) this.skip()
  })
  needRedis()
  const mode = '_test+_limited+_cluster+_apart'
  let at: ReturnType<typeof newRoot>
  let env: Record<string, string | undefined>
  beforeEach(async () => {
    at = newRoot()
    env = {
      DATABASE_URL: await newPostgresUrl(),
      REDIS_URL: await redisUrl(),
      CELL_DATA: at.data,
      CELL_PORT: '0',
      COOKIE_SECRET: undefined,
    }
  })
  const move = (changes = {}): Promise<CommandEnd> =>
    moveHere({ CELL_MODE: mode, ...env, ...changes }, ['--again'], at.root)
  const start = async (inMode: string): Promise<TestCell> => {
    const restore = setEnvironment({ ...env, COOKIE_SECRET })
    try {
      return await startTestCell({ data: { folder: at.data } }, at.root, inMode)
    } finally {
      restore()
    }
  }

  it('users stay logged in, who was logged out stays so, and guesses stay counted', async () => {
    const old = await start('_test+_limited')
    const client = new ClientAt(old.address ?? '', newAddress())
    const ada = await client.registerAndLogIn()
    const other = client.copy()
    other.cookies.clear()
    await other.post('/api/login', ada)
    const revoked = other.copy()
    await other.post('/api/logout')
    const bob = newCredentials()
    await old.client().post('/api/register', bob)
    const guess = (address: string): Promise<number> =>
      new ClientAt(address, newAddress()).logIn({ ...bob, password: 'wrong password' })
    const guesses = []
    for (let count = 0; count < 4; count += 1) guesses.push(await guess(old.address ?? ''))
    expect(guesses).to.deep.equal([401, 401, 401, 429])
    await old.stop()

    const before = bytesOf(at.file)
    for (let time = 1; time <= 2; time += 1) {
      const { code, stderr } = await move()
      expect(code, stderr).to.equal(0)
      expect(stderr).to.match(/^move: sessions: from \S+ to Redis$/m)
      expect(stderr).to.match(/^move: verified: the target has all 2 owners, 1 sessions, \d+ throttles$/m)
      expect(bytesOf(at.file)).to.deep.equal(before)
    }

    const cell = await start(mode)
    const address = cell.address ?? ''
    const moved = client.copy(address)
    expect((await moved.get('/api/me')).body).to.deep.include({ username: ada.username })
    expect((await revoked.copy(address).get('/api/me')).status).to.equal(401)
    expect(await guess(address)).to.equal(429)
    // Known to her account, she may log in from there whatever others guess.
    expect(await new ClientAt(address, client.from).logIn(ada)).to.equal(200)
    const sessions = cell.plasma.get({ type: 'SessionStore' })?.data
    const { id } = (await moved.get('/api/me')).body as { id: string }
    expect(await sessions?.listOwnerSessions(id)).to.have.length(2)
    await moved.post('/api/logout')
    expect((await client.copy(address).get('/api/me')).status).to.equal(401)
    await cell.stop()
  })

  it('newer sessions and counts stay there, and sessions of older versions get a family', async () => {
    const [now, later] = [Date.now() - HOUR, Date.now() - 1000]
    const expires_at = Date.now() + HOUR
    const rows = (name: string, seen_at: number, points: number): Rows => ({
      sessions: [sessionRow(name, { family: null, seen_at, data: `{"n":${seen_at}}` })],
      throttles: [throttleRow(name, { points, expires_at })],
    })
    const both = async (here: number, there: number, points: [number, number]): Promise<void> => {
      await fill(at.file, rows('here', here, points[0]))
      await fill(at.file, rows('there', there, points[1]))
      expect((await move()).code).to.equal(0)
    }
    await both(now, later, [1, 2])
    await both(later, now, [2, 1])
    const prefix = (
      JSON.parse(readFileSync(join(at.root, 'dna/_apart/plasma/redis.json'), 'utf8')) as { prefix: string }
    ).prefix
    for (const name of ['here', 'there']) {
      const read = (kind: string, field: string): Promise<unknown> =>
        commandAt(env['REDIS_URL'] ?? '', 'HGET', `${prefix}${kind}:${name}`, field)
      expect([await read('session', 'data'), await read('session', 'family')]).to.deep.equal([`{"n":${later}}`, name])
      expect([await read('throttle', 'points'), await read('throttle', 'expires_at')]).to.deep.equal([
        '2',
        String(expires_at),
      ])
    }
  })

  describe('with a Redis of its own', () => {
    needRedisServer()

    it('says so if that is away or full, and can be repeated then', async () => {
      await fill(at.file, { owners: [ownerRow('ada')], sessions: [sessionRow('one')], throttles: [throttleRow('one')] })
      const away = { CELL_MODE: `${mode}+_hurried`, REDIS_URL: `redis://:${SECRET}@127.0.0.1:1` }
      const refused = await move(away)
      expect(refused.code).to.equal(1)
      expect(refused.stderr)
        .to.match(/127\.0\.0\.1:1 has not answered/)
        .and.not.include(SECRET)
      const redis = await RedisServer.start('--maxmemory', '1')
      const full = await move({ REDIS_URL: redis.url })
      expect(full.code).to.equal(1)
      expect(full.stderr).to.match(/the target cannot be used: redis:\/\/\S+: OOM .*Move again/)
      await redis.command('CONFIG', 'SET', 'maxmemory', '0')
      expect((await move({ REDIS_URL: redis.url })).code).to.equal(0)
      await redis.stop()
    })
  })
})
