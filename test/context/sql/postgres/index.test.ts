import { expect } from 'chai'
import { sql } from 'kysely'
import { readFileSync } from 'node:fs'
import { Database, type PostgresOptions } from '../../../../context/sql'
import { migrations } from '../../../../context/sql/migrations'
import { ownerRow } from '../../../support/owner-row'
import {
  AUTHORITY,
  POSTGRES_PASSWORD,
  canStartPostgres,
  hasPostgres,
  newPostgresUrl,
  queryPostgres,
  PostgresServer,
} from '../../../support/postgres'
import { runScript } from '../../../support/process'
import { rejectionOf } from '../../../support/rejection'
import { TcpProxy } from '../../../support/tcp-proxy'
import { TestOwners } from '../../../support/test-owners'
import { together } from '../../../support/together'
import { until } from '../../../support/until'
import { keepWarnings } from '../../../support/warnings'

const UNAVAILABLE = { name: 'StoreUnavailable', status: 503, code: 'STORE_UNAVAILABLE' }
const NAMES = Object.keys(migrations)

describe('a database on PostgreSQL (pending without it)', () => {
  const warnings = keepWarnings()
  const opened: Database[] = []
  let url: string
  before(function () {
    if (!hasPostgres()) this.skip()
  })
  beforeEach(async () => {
    url = await newPostgresUrl()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()))
    expect(warnings).to.deep.equal([])
  })

  async function open(options: Partial<PostgresOptions> = {}): Promise<Database> {
    const database = await Database.open({ url, ...options })
    opened.push(database)
    return database
  }
  const addOwners = ({ query }: Pick<Database, 'query'>, ...ids: string[]): Promise<unknown> =>
    query
      .insertInto('owners')
      .values(ids.map((id) => ownerRow(id)))
      .execute()
  const findOwner = (database: Database): ((...parameters: unknown[]) => Promise<{ id: string } | undefined>) =>
    database.prepare((db) => db.selectFrom('owners').select('id').where('id', '=', ''))
  const migrationsDone = async (): Promise<string[]> =>
    (await queryPostgres(url, 'select name from kysely_migration order by name')).map(({ name }) => name as string)

  describe('is migrated', () => {
    it('once, by ten cells that open it at once', async () => {
      await Promise.all(Array.from({ length: 10 }, () => open()))
      expect(await migrationsDone()).to.deep.equal(NAMES)
      for (const database of opened) expect(await findOwner(database)('nobody')).to.equal(undefined)
    })

    it('once, by several processes that open it at once', async () => {
      const code = `
        const { Database } = require('./context/sql')
        go(0)
        Database.open({ url: process.env.URL }).then((database) => database.close())`
      const ended = await together(3, code, (script, env) => runScript(script, { ...env, URL: url }))
      expect(ended.map(({ code, stderr }) => [code, stderr])).to.deep.equal(Array(3).fill([0, '']))
      expect(await migrationsDone()).to.deep.equal(NAMES)
    })

    it('not at all when a migration fails, and again the next time', async () => {
      const last = NAMES.at(-1) ?? ''
      const all = { ...migrations }
      migrations[last] = {
        async up(db) {
          await all[last]?.up(db)
          throw new Error('on purpose')
        },
      }
      try {
        expect((await rejectionOf(() => open())).message).to.include('on purpose')
      } finally {
        Object.assign(migrations, all)
      }
      expect(await queryPostgres(url, "select * from pg_tables where tablename = 'owners'")).to.deep.equal([])
      await open()
      expect(await migrationsDone()).to.deep.equal(NAMES)
    })

    it('never back by an older version, which is refused by name', async () => {
      await open()
      await queryPostgres(url, "insert into kysely_migration values ('9999-newer', 'today')")
      expect((await rejectionOf(() => open())).message).to.match(/^PostgreSQL at \S+ cannot be used: .*9999-newer/)
    })

    it('by others while prepared reads go on, which read the new columns', async () => {
      const database = await open()
      await addOwners(database, 'ada')
      const find = database.prepare((db) => db.selectFrom('owners').selectAll().where('id', '=', ''))
      expect(await find('ada')).to.deep.equal(ownerRow('ada'))
      await queryPostgres(url, 'alter table owners add column shoe_size bigint default 39')
      for (let times = 0; times < 3; times += 1)
        expect(await find('ada')).to.deep.equal({ ...ownerRow('ada'), shoe_size: 39 })
    })
  })

  it('takes a round trip for a prepared read, and plans it once', async () => {
    const { hostname, port } = new URL(url)
    const proxy = await TcpProxy.start(Number(port))
    const near = Object.assign(new URL(url), { host: `${hostname}:${proxy.port}` }).href
    const database = await open({ url: near, poolSize: 2 })
    await addOwners(database, 'ada')
    const find = findOwner(database)
    await find('ada')
    const before = proxy.roundTrips
    for (let times = 0; times < 10; times += 1) expect(await find('ada')).to.deep.equal({ id: 'ada' })
    expect(proxy.roundTrips - before).to.equal(10)
    await proxy.stop()
  })

  it('takes parameters as values, and refuses what is none: a NUL, an object, a list', async () => {
    const database = await open()
    await addOwners(database, ...Array.from({ length: 100 }, (_, i) => `user-${i}`))
    const find = findOwner(database)
    const found = await Promise.all(Array.from({ length: 100 }, (_, i) => find(`user-${i}`)))
    expect(found).to.deep.equal(Array.from({ length: 100 }, (_, i) => ({ id: `user-${i}` })))
    expect(await find("' or 1=1 --")).to.equal(undefined)
    const odd = { id: 'odd', name: '"\\\'; drop table owners; -- 😀\n' }
    await database.query
      .insertInto('owners')
      .values({ ...ownerRow('odd'), ...odd })
      .execute()
    expect(
      await database.query.selectFrom('owners').select(['id', 'name']).where('id', '=', 'odd').execute(),
    ).to.deep.equal([odd])
    for (const parameter of [{ $ne: '' }, ['user-1'], undefined, 'user-1\0'])
      expect(await rejectionOf(() => find(parameter))).to.include(UNAVAILABLE)
    expect(await rejectionOf(() => addOwners(database, 'user\0'))).to.include(UNAVAILABLE)
  })

  it('gives times and counts as numbers, and orders names by their bytes, as SQLite does', async () => {
    const database = await open()
    await database.query
      .insertInto('owners')
      .values(['b', 'B', 'ä', 'a', '-a', 'Z'].map((id) => ({ ...ownerRow(id), created_at: 1_795_668_600_754 })))
      .execute()
    const [row] = await database.query
      .selectFrom('owners')
      .select(({ fn }) => [fn.max('created_at').as('at'), fn.countAll().as('count')])
      .execute()
    expect(row).to.deep.equal({ at: 1_795_668_600_754, count: 6 })
    const ordered = await database.query.selectFrom('owners').select('id').orderBy('name_key').execute()
    expect(ordered.map(({ id }) => id)).to.deep.equal(['-a', 'B', 'Z', 'a', 'b', 'ä'])
    const collations = await queryPostgres(
      url,
      "select distinct collation_name as name from information_schema.columns where data_type = 'text' and table_name in ('owners', 'sessions', 'throttles')",
    )
    expect(collations).to.deep.equal([{ name: 'C' }])
  })

  it('says nothing of a query that fails, also not to the log, and undoes its transaction', async () => {
    const database = await open()
    await addOwners(database, 'a-secret-id')
    const error = await rejectionOf(() => addOwners(database, 'another-id', 'a-secret-id'))
    expect(error).to.include(UNAVAILABLE)
    expect(error.message).not.to.match(/secret|owners|insert/i)
    expect(error.cause).to.be.an('error').with.property('code', '23505')
    expect(Object.keys(error.cause as object)).to.deep.equal(['code'])
    const wrong = database.query
      .selectFrom('owners')
      .select('id')
      .where('created_at', '=', 'a-secret' as never)
    const { cause } = await rejectionOf(() => wrong.execute())
    expect(cause).to.include({ code: '22P02', message: 'invalid value' })
    const undone = database.transaction(async (db) => {
      await addOwners({ query: db }, 'undone')
      throw new Error('on purpose')
    })
    expect(await rejectionOf(() => undone)).to.include({ message: 'on purpose' })
    const swallowed = database.transaction(async (db) => {
      await addOwners({ query: db }, 'swallowed')
      await addOwners({ query: db }, 'swallowed').catch(() => undefined)
    })
    expect(await rejectionOf(() => swallowed)).to.include(UNAVAILABLE)
    expect(await database.query.selectFrom('owners').select('id').execute()).to.deep.equal([{ id: 'a-secret-id' }])
  })

  it('is an error with status 503 once it is closed, which can be done twice', async () => {
    const database = await open()
    const find = findOwner(database)
    await Promise.all([find('somebody'), database.close(), database.close()]).catch(() => undefined)
    for (const work of [
      () => database.query,
      () => find('somebody'),
      () => database.transaction(() => Promise.resolve()),
    ])
      expect(await rejectionOf(work)).to.include(UNAVAILABLE)
    const left =
      "select pid from pg_stat_activity where application_name like 'organic%' and datname = current_database()"
    await until(async () => (await queryPostgres(url, left)).length === 0)
  })

  describe('repeats', () => {
    it('transactions that have deadlocked, until all are done', async () => {
      const database = await open()
      await addOwners(database, 'ada', 'bob')
      let runs = 0
      const [first, second] = [
        new Promise<void>((resolve) => (met[0] = resolve)),
        new Promise<void>((resolve) => (met[1] = resolve)),
      ]
      const rename = (ids: string[], mine: number): Promise<void> =>
        database.transaction(async (db) => {
          runs += 1
          for (const id of ids) {
            await db
              .updateTable('owners')
              .set({ name: ids.join(' ') })
              .where('id', '=', id)
              .execute()
            met[mine]?.()
            await Promise.all([first, second])
          }
        })
      await Promise.all([rename(['ada', 'bob'], 0), rename(['bob', 'ada'], 1)])
      // On a busy server both may be rolled back.
      expect(runs).to.be.at.least(3)
      const names = await database.query.selectFrom('owners').select('name').distinct().execute()
      expect(names).to.have.length(1)
    })
    const met: (() => void)[] = []

    it('transactions that have decided by what others change, if they are serializable', async () => {
      const database = await open()
      await addOwners(database, 'ada')
      let reads = 0
      const count = (): Promise<unknown> =>
        database.transaction(async (db) => {
          const ada = db.selectFrom('owners').select('updated_at').where('id', '=', 'ada')
          const { updated_at } = await ada.executeTakeFirstOrThrow()
          reads += 1
          // All have read before one of them writes.
          await until(() => reads >= 3)
          await db
            .updateTable('owners')
            .set({ updated_at: updated_at + 1 })
            .execute()
        }, 'serializable')
      await Promise.all([count(), count(), count()])
      const [ada] = await database.query.selectFrom('owners').select('updated_at').execute()
      expect(ada).to.deep.equal({ updated_at: ownerRow('ada').updated_at + 3 })
    })

    it('transactions that could not be serialized: the same owner logs in everywhere at once', async () => {
      const places = await Promise.all(Array.from({ length: 3 }, () => TestOwners.open({ url })))
      opened.push(...places.map(({ database }) => database))
      for (const username of ['ada', 'renamed']) {
        const saved = await Promise.all(
          Array.from({ length: 9 }, async (_, index) => places[index % 3]?.users.createOrUpdate({ id: '1', username })),
        )
        expect(saved.map((owner) => owner?.username)).to.deep.equal(Array(9).fill(username))
      }
      // A name that its owner has given away.
      await Promise.all(
        places.map(({ users }, index) => users.createOrUpdate({ id: String(index + 2), username: 'given-away' })),
      )
      const names = await queryPostgres(url, "select name_key from owners where name_key = 'given-away'")
      expect(names).to.have.length(1)
    })

    it('no more than a few times', async () => {
      const database = await open()
      let runs = 0
      const failing = database.transaction(async (db) => {
        runs += 1
        await sql`do $$ begin raise exception 'on purpose' using errcode = '40001'; end $$`.execute(db)
      })
      expect(await rejectionOf(() => failing)).to.include(UNAVAILABLE)
      expect(runs).to.equal(10)
    })
  })

  describe('reached by TLS', () => {
    before(function () {
      if (!canStartPostgres()) this.skip()
    })
    let server: PostgresServer
    before(async () => {
      server = await PostgresServer.start()
    })
    after(() => server.stop())

    it('verifies the certificate and the host (OWASP ASVS 12.3.2)', async () => {
      const ca = readFileSync(AUTHORITY, 'utf8')
      const at = (host: string): string => `${server.url('postgres', `${host}:${server.port}`)}?sslmode=require`
      const database = await open({ url: at('localhost'), ca })
      const { rows } = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(database.query)
      expect(rows).to.deep.equal([{ ssl: true }])
      for (const [options, expected] of [
        [{ url: at('localhost') }, /certificate/],
        [{ url: at('127.0.0.1'), ca }, /altnames/],
      ] as const) {
        const { message } = await rejectionOf(() => open(options))
        expect(message).to.match(expected).and.to.include('PostgreSQL at ')
      }
      await server.stop()
      await server.start('ssl=off')
      expect((await rejectionOf(() => open({ url: at('localhost'), ca }))).message).to.include('does not support SSL')
    })

    it('or by a Unix socket without it', async () => {
      const database = await open({ url: server.socketUrl() })
      expect(await findOwner(database)('nobody')).to.equal(undefined)
    })
  })

  it('refuses a wrong password, user or database at once, and shows no password', async () => {
    const wrong = (changes: object): string => Object.assign(new URL(url), changes).href
    for (const [changes, expected] of [
      [{ password: 'wrong-password' }, /password authentication failed/],
      [{ pathname: '/nothing' }, /database "nothing" does not exist/],
    ] as const) {
      const error = await rejectionOf(() => open({ url: wrong(changes), waitSeconds: 600 }))
      expect(error.message).to.match(expected).and.to.include('PostgreSQL at ')
      expect(error.stack).not.to.include('wrong-password').and.not.to.include(POSTGRES_PASSWORD)
    }
  })
})
