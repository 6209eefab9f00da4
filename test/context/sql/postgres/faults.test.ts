import { expect } from 'chai'
import { sql } from 'kysely'
import { Client } from 'pg'
import { Database, type PostgresOptions } from '../../../../context/sql'
import { findFreePort } from '../../../support/listening'
import { ownerRow } from '../../../support/owner-row'
import { PostgresServer, canStartPostgres, queryPostgres } from '../../../support/postgres'
import { CellProcess, START } from '../../../support/process'
import { ROOT } from '../../../support/project'
import { rejectionOf } from '../../../support/rejection'
import { TcpProxy } from '../../../support/tcp-proxy'
import { uncaughtDuring } from '../../../support/uncaught'
import { until } from '../../../support/until'
import { keepWarnings } from '../../../support/warnings'

const UNAVAILABLE = { name: 'StoreUnavailable', status: 503, code: 'STORE_UNAVAILABLE', retryAfter: 5 }

/** Each test ends when the database has answered: one that waited longer than DNA allows would never end. */
describe('a PostgreSQL server that fails (pending where none can be started)', () => {
  const warnings = keepWarnings()
  let server: PostgresServer
  let proxy: TcpProxy
  let database: Database

  before(async function () {
    if (!canStartPostgres()) this.skip()
    server = await PostgresServer.start()
  })
  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port)
    database = await Database.open({ url: urlOf(proxy.port), poolSize: 4 })
    await database.query.deleteFrom('owners').execute()
    await database.query.insertInto('owners').values(ownerRow('ada')).execute()
  })
  afterEach(async () => {
    await database.close()
    await proxy.stop()
  })
  after(() => (server as PostgresServer | undefined)?.stop())

  const urlOf = (port: number): string => server.url('postgres', `127.0.0.1:${port}`)
  const findAda = (): Promise<unknown> => find('ada')
  const find = (id: string): Promise<{ id: string } | undefined> =>
    database.prepare((db) => db.selectFrom('owners').select('id').where('id', '=', ''))(id)
  const write = (id = 'ada'): Promise<unknown> =>
    database.query.updateTable('owners').set({ name: 'Ada' }).where('id', '=', id).execute()
  const change = (): Promise<unknown> =>
    database.transaction((db) => db.updateTable('owners').set({ name: 'Ada' }).where('id', '=', 'ada').execute())
  const isAnswered = (work: () => Promise<unknown>): Promise<boolean> =>
    work().then(
      () => true,
      () => false,
    )

  async function expectUnavailable(): Promise<void> {
    for (const error of await Promise.all([findAda, write, change].map((work) => rejectionOf(() => work())))) {
      expect(error).to.include(UNAVAILABLE)
      expect(error.message).to.equal('The database cannot be used right now.')
    }
  }
  async function expectBack(): Promise<void> {
    await until(() => isAnswered(findAda))
    await until(() => isAnswered(write))
    for (let times = 0; times < 5; times += 1) {
      expect(await findAda()).to.deep.equal({ id: 'ada' })
      await Promise.all([write(), change()])
    }
  }

  for (const [how, signal] of [
    ['is stopped', 'SIGINT'],
    ['crashes', 'SIGQUIT'],
  ] as const) {
    it(`and ${how} gets 503 until it is there again`, async () => {
      const uncaught = await uncaughtDuring(async () => {
        await Promise.all([findAda(), write(), change()])
        await server.stop(signal)
        await expectUnavailable()
        await server.start()
        await expectBack()
      })
      expect(uncaught).to.deep.equal([])
    })
  }

  it('and does not answer gets 503, also while it is connected to', async () => {
    proxy.hold()
    await expectUnavailable()
    // All connections have been given up, and nobody answers new ones.
    await expectUnavailable()
    proxy.release()
    await expectBack()
  })

  it('and takes too long for a query gets 503, and does not go on with it', async () => {
    await database.query.insertInto('owners').values(ownerRow('slow')).execute()
    const other = new Client({ connectionString: server.url() })
    await other.connect()
    await other.query('begin; lock table owners')
    await expectUnavailable()
    const waiting = "select 1 from pg_stat_activity where wait_event_type = 'Lock'"
    expect(await queryPostgres(server.url(), waiting)).to.deep.equal([])
    await other.query('rollback')
    await other.end()
    await expectBack()
  })

  it('holds up no read while all other connections wait for somebody else', async () => {
    const other = new Client({ connectionString: server.url() })
    await other.connect()
    await other.query("begin; update owners set name = 'locked'")
    const writes = Array.from({ length: 10 }, () => rejectionOf(write))
    for (let times = 0; times < 10; times += 1) expect(await findAda()).to.deep.equal({ id: 'ada' })
    for (const error of await Promise.all(writes)) expect(error).to.include(UNAVAILABLE)
    await other.query('rollback')
    await other.end()
    await expectBack()
  })

  it('and cuts connections, used or not, is connected to again', async () => {
    const uncaught = await uncaughtDuring(async () => {
      await Promise.all([findAda(), findAda(), write(), change()])
      const failed = rejectionOf(() =>
        database.transaction(async (db) => {
          await db.updateTable('owners').set({ name: 'lost' }).execute()
          proxy.cut()
          // The connection fails while nothing waits for its answer.
          await until(() => isAnswered(findAda))
          await db.updateTable('owners').set({ name: 'lost' }).execute()
        }),
      )
      expect(await failed).to.include(UNAVAILABLE)
      await expectBack()
    })
    expect(uncaught).to.deep.equal([])
    expect(await queryPostgres(server.url(), 'select distinct name from owners')).to.deep.equal([{ name: 'Ada' }])
  })

  it('and has no connection left gets 503 until it has', async () => {
    const role = `few_${Date.now()}`
    await queryPostgres(server.url(), `create role ${role} login superuser password 'few'`)
    const few = await Database.open({
      url: Object.assign(new URL(server.url()), { username: role, password: 'few' }).href,
    })
    await queryPostgres(
      server.url(),
      `alter role ${role} nosuperuser connection limit 1; grant all on owners to ${role}`,
    )
    const sleep = (): Promise<unknown> => sql`select pg_sleep(0.3)`.execute(few.query)
    // From now on, the one that it may have is open.
    await until(() => isAnswered(sleep))
    const answers = await Promise.allSettled([sleep(), sleep(), sleep()])
    const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []))
    expect(failures).to.have.length(2)
    for (const error of failures) expect(error).to.include(UNAVAILABLE).and.have.nested.property('cause.code', '53300')
    await sleep()
    await few.close()
  })

  it('and only reads, because another has taken over, gets 503 for writes, and all connections are opened anew', async () => {
    const pid = database.prepare((db) =>
      db
        .selectFrom('owners')
        .select(sql<number>`pg_backend_pid()`.as('pid'))
        .where('id', '=', ''),
    )
    const readOnly = (value: string): Promise<unknown> =>
      queryPostgres(server.url(), `alter system set default_transaction_read_only = ${value}`).then(() =>
        queryPostgres(server.url(), 'select pg_reload_conf()'),
      )
    const before = await pid('ada')
    await readOnly('on')
    await until(async () => !(await isAnswered(write)))
    const error = await rejectionOf(write)
    expect(error).to.include(UNAVAILABLE).and.have.nested.property('cause.code', '25006')
    expect(await findAda()).to.deep.equal({ id: 'ada' })
    expect(await pid('ada')).not.to.deep.equal(before)
    const other = new Client({ connectionString: server.url() })
    await other.connect()
    await other.query('set default_transaction_read_only = off')
    await other.query('alter system reset default_transaction_read_only')
    await other.query('select pg_reload_conf()')
    await other.end()
    await expectBack()
  })

  it('and does not answer lets the cell end', async () => {
    await Promise.all([findAda(), write(), change()])
    proxy.hold()
    const answers = [rejectionOf(findAda), rejectionOf(write)]
    await database.close()
    for (const error of await Promise.all(answers)) expect(error).to.include({ status: 503 })
  })

  it('and does not answer keeps no process from ending', async () => {
    const code = `
      require('./context/sql').Database.open({ url: process.env.URL }).then(async (database) => {
        await database.query.selectFrom('owners').select('id').execute()
        process.once('SIGUSR2', () => database.close())
        console.log('open')
      })`
    const script = new CellProcess(ROOT, { URL: urlOf(proxy.port) }, [...START, '--eval', code])
    await script.prints('open')
    proxy.hold()
    expect(await script.end('SIGUSR2')).to.include({ code: 0, stderr: '' })
  })

  describe('at the boot', () => {
    const opening = (options: Partial<PostgresOptions>): Promise<Database> =>
      Database.open({ url: urlOf(proxy.port), ...options })

    it('is waited for, which is said once', async () => {
      await server.stop()
      const opened = opening({ waitSeconds: 600 })
      await until(() => warnings.length > 0)
      const { connections } = proxy
      await until(() => proxy.connections > connections + 1)
      await server.start()
      await (await opened).close()
      expect(warnings).to.have.length(1)
      expect(warnings[0]).to.match(
        /^waiting up to 600 s for PostgreSQL at 127\.0\.0\.1:\d+\/postgres: Connection terminated/,
      )
    })

    it('is waited for no longer than DNA says, and no longer than the cell runs', async () => {
      const url = urlOf(await findFreePort())
      const error = await rejectionOf(() => opening({ url, waitSeconds: 0 }))
      expect(error.message).to.match(/^PostgreSQL at 127\.0\.0\.1:\d+\/postgres cannot be used: connect ECONNREFUSED/)
      proxy.hold()
      expect((await rejectionOf(() => opening({ waitSeconds: 0 }))).message).to.include('timeout')
      proxy.release()
      const ending = new AbortController()
      const ended = rejectionOf(() => opening({ url, waitSeconds: 600, signal: ending.signal }))
      await until(() => warnings.length > 0)
      ending.abort()
      expect((await ended).message).to.include('ECONNREFUSED')
    })

    it('is left when the cell ends, while it waits for others to migrate', async () => {
      const other = new Client({ connectionString: server.url() })
      await other.connect()
      await other.query('select pg_advisory_lock(3853314791062309107)')
      const ending = new AbortController()
      const ended = rejectionOf(() => opening({ waitSeconds: 600, signal: ending.signal }))
      const waiting = "select 1 from pg_stat_activity where wait_event = 'advisory'"
      await until(async () => (await queryPostgres(server.url(), waiting)).length > 0)
      ending.abort()
      expect((await ended).message).to.include('cannot be used')
      await other.end()
    })
  })
})
