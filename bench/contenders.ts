import type { Client } from '../test/support/client'
import { CellProcess } from '../test/support/process'
import { Backends, canCreate, type BackendKind } from './backends'
import { copyBuild, START_BUILD, START_SOURCES, type CellBuild } from './cell-build'
import { logInOwner, logInOwners, PASSWORD, post, startServer, type Server } from './server'

/** Something that answers `GET /api/me` with the owner whose cookie comes with it, and 401 otherwise. */
export interface Contender {
  /** As in `--only`. */
  name: string
  /** As in tables. */
  label: string
  /** The packages whose versions the report names. */
  packages: string[]
  /** Where its sessions are. */
  storage: string
  /** @param pin the beginning of a command that runs it on some cores only */
  start(pin: readonly string[]): Promise<Server>
}

/** The cell as it is deployed: what the others are compared with. */
export const CELL = 'cell'

/** All contenders that this machine can run. */
export function listContenders(build: CellBuild): Contender[] {
  return [
    contender('node-http', 'node:http', 'memory', []),
    contender('fastify', 'Fastify + @fastify/session', 'memory', ['fastify', '@fastify/session']),
    contender('express', 'Express', 'memory', ['express']),
    contender('express-session', 'Express + express-session', 'memory', ['express', 'express-session']),
    contender('original-organelle', 'the original organelle', 'memory', ['organic-plasma-usersessions']),
    contender('passport-memory', 'Express + passport', 'memory', ['passport', 'express-session']),
    contender('passport-sqlite', 'Express + passport', 'SQLite', ['passport', 'better-sqlite3-session-store']),
    contender('passport-sqlite-normal', 'Express + passport', 'SQLite, `synchronous = normal`', [
      'passport',
      'better-sqlite3-session-store',
    ]),
    contender('better-auth', 'Express + better-auth', 'SQLite', ['better-auth'], signUp),
    ...listCells(build),
  ]
}

function contender(name: string, label: string, storage: string, packages: string[], logIn = logInOwner): Contender {
  const file = name === 'better-auth' ? 'better-auth.mjs' : `${name}.cjs`
  return { name, label, storage, packages, start: (pin) => startServer(file, pin, logIn) }
}

/** This cell: the build and `npm start` on SQLite, and the build on whatever else the machine has. */
function listCells(build: CellBuild): Contender[] {
  const backends = new Backends()
  const onSqlite = (command: string[]) => (pin: readonly string[]) => {
    // A new data folder per start, because the owners are registered each time.
    const env = { CELL_MODE: '_test', CELL_DATA: `data-${crypto.randomUUID()}` }
    return startCell(build(), env, [...pin, ...command])
  }
  const onServer = (kind: BackendKind) => async (pin: readonly string[]) => {
    const { folder, env, pids } = await backends.create(kind, {})
    copyBuild(build(), folder)
    return startCell(folder, env, [...pin, ...START_BUILD], pids)
  }
  const cell = { packages: [], storage: 'SQLite' }
  const servers = (['PostgreSQL', 'Redis'] as const).filter(canCreate)
  return [
    { ...cell, name: CELL, label: 'this cell', start: onSqlite(START_BUILD) },
    { ...cell, name: 'cell-start', label: 'this cell, `npm start`', start: onSqlite(START_SOURCES) },
    ...servers.map((storage) => ({
      ...cell,
      name: `cell-${storage.toLowerCase()}`,
      label: 'this cell',
      // Owners are in PostgreSQL, as under `_cluster`.
      storage: storage === 'Redis' ? 'Redis and PostgreSQL' : storage,
      start: onServer(storage),
    })),
  ]
}

async function startCell(
  folder: string,
  env: Record<string, string>,
  command: string[],
  stores: number[] = [],
): Promise<Server> {
  const cell = new CellProcess(folder, { NODE_ENV: 'production', ...env }, command)
  const address = await cell.ready()
  return { process: cell, address, clients: await logInOwners(address, register), stores }
}

async function register(client: Client, username: string): Promise<void> {
  await post(client, '/api/register', { username, password: PASSWORD })
  await logInOwner(client, username)
}

/** Signs up at better-auth, which also logs in. */
async function signUp(client: Client, name: string): Promise<void> {
  const body = { name, email: `${name}@example.org`, password: PASSWORD }
  // The base URL that the contender says it has.
  await post(client, '/api/auth/sign-up/email', body, { origin: 'http://127.0.0.1' })
}
