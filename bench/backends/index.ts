import { canStartPostgres, type PostgresServer } from '../../test/support/postgres'
import { RedisServer } from '../../test/support/redis-server'
import { LIFETIMES, type Backend, type BackendKind } from './backend'
import { createPostgresBackend, createPostgresDatabase, startPostgres } from './postgres'
import { createRedisBackend } from './redis'
import { createSqliteBackend } from './sqlite'

export { COOKIE_SECRET, type Backend, type BackendKind, type OpenBackend, type Template } from './backend'

/** DNA of `plasma/express-sessions` by which no session expires, or is written again, during a run. */
export const LASTING_SESSIONS = {
  idleSeconds: LIFETIMES.idle / 1000,
  absoluteSeconds: LIFETIMES.absolute / 1000,
  // A request that writes "last used" costs more. How many do depends on how the load is made, not on the store.
  touchSeconds: LIFETIMES.idle / 1000 - 1,
  cleanupSeconds: 24 * 3600,
}

/** Makes backends, on servers that it starts when they are first needed. */
export class Backends {
  #postgres: Promise<PostgresServer> | undefined
  #databases = 0

  /** @param sessionsDna DNA of `plasma/express-sessions`, folded over the project's */
  async create(kind: BackendKind, sessionsDna: object = LASTING_SESSIONS): Promise<Backend> {
    const sessions = { secret: '{$COOKIE_SECRET}', ...sessionsDna }
    const changes = { 'dna/_bench/plasma/express-sessions.json': sessions }
    if (kind === 'SQLite') return createSqliteBackend(changes)
    const postgres = await (this.#postgres ??= startPostgres())
    this.#databases += 1
    const url = await createPostgresDatabase(postgres, `bench_${this.#databases}`)
    return kind === 'PostgreSQL' ? createPostgresBackend(url, changes) : createRedisBackend(url, changes)
  }
}

/** Whether this machine has what a backend needs. */
export function canCreate(kind: BackendKind): boolean {
  return kind === 'SQLite' || (canStartPostgres() && (kind === 'PostgreSQL' || RedisServer.canStart()))
}
