import type { SessionStore } from '../../context/cell'
import type { Database } from '../../context/sql'

/** Long enough that no session of a run expires by itself. */
export const LIFETIMES = { idle: 12 * 3600 * 1000, absolute: 24 * 3600 * 1000, touch: 0 }

/** Where the data of a cell is, in its folder. */
export const DATA = 'data'

/** The secret that signs the cookies of all cells. */
export const COOKIE_SECRET = 'secret of nobody but the benchmarks'

/** The kinds of session stores, by the names that the reports give them. */
export type BackendKind = 'SQLite' | 'PostgreSQL' | 'Redis'

/** Where the sessions and owners of some cells are: empty at first, and for nobody else. */
export interface Backend {
  readonly kind: BackendKind
  /** Working directory of the cells, with their DNA. */
  readonly folder: string
  readonly env: Record<string, string>
  /** The processes of its servers. */
  readonly pids: number[]
  /** Opens it, beside the cells. One of them must have started before. */
  open(): Promise<OpenBackend>
}

/** A session that a cell has written. */
export interface Template {
  ownerId: string
  idHash: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** What a copy of a session has of its own. */
export interface Copy {
  idHash: string
  ownerId: string
  /** Of the owner. */
  name: string
  /** Milliseconds by which the copy is older. */
  age: number
}

/** The connections of a {@link Backend}. */
export interface OpenBackend {
  readonly database: Database
  readonly sessions: SessionStore
  /** Copies a session and its owner. */
  copy(template: Template, copies: Copy[]): Promise<void>
  /** Does what a server does by itself some time after many rows were written. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** The DNA that a backend's cells need, by the file below `dna/`. */
export type DnaFiles = Record<string, object>

/** The environment of cells in this mode. */
export function environmentOf(mode: string): Record<string, string> {
  return { CELL_MODE: mode, CELL_DATA: DATA, COOKIE_SECRET }
}
