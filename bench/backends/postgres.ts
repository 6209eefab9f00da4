import { Database } from '../../context/sql'
import { cellFolder } from '../../test/support/cell'
import { PostgresServer, queryPostgres } from '../../test/support/postgres'
import { environmentOf, type Backend, type DnaFiles } from './backend'
import { openSqlBackend } from './sql-copies'

/** A database at this URL. */
export async function createPostgresBackend(url: string, changes: DnaFiles): Promise<Backend> {
  const folder = cellFolder({ ...changes, 'dna/_bench/plasma/database.json': { url: '{$DATABASE_URL}' } })
  return {
    kind: 'PostgreSQL',
    folder,
    env: { ...environmentOf('_test+_bench'), DATABASE_URL: url },
    pids: [await processOfPostgres(url)],
    open: async () => openSqlBackend(await Database.open({ url, statementSeconds: 600 }), () => settlePostgres(url)),
  }
}

/** With `fsync`, which the tests go without: writes must cost what they cost. */
export async function startPostgres(): Promise<PostgresServer> {
  const server = await PostgresServer.start()
  await server.stop()
  await server.start('fsync=on')
  return server
}

/** @returns its URL */
export async function createPostgresDatabase(server: PostgresServer, name: string): Promise<string> {
  await queryPostgres(server.url(), `create database ${name}`)
  return server.url(name)
}

/** Does what a server does by itself some time after many rows were written. */
export async function settlePostgres(url: string): Promise<void> {
  await queryPostgres(url, 'vacuum analyze')
  await queryPostgres(url, 'checkpoint')
}

/** The id of the server's first process. */
export async function processOfPostgres(url: string): Promise<number> {
  const [row] = (await queryPostgres(url, "select pg_read_file('postmaster.pid') as lines")) as { lines: string }[]
  return parseInt(row?.lines ?? '')
}
