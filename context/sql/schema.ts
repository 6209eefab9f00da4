/** An owner of any kind. Times are milliseconds since 1970. */
export interface OwnerRow {
  id: string
  kind: string
  /** The username of a user, the appname of an application. */
  own_name: string
  /** Names with the same key are the same name. */
  name_key: string
  name: string | null
  email: string | null
  /** `null` if a trust point keeps the password. */
  password_hash: string | null
  /** The endpoint of that trust point. */
  trust_point: string | null
  /** When the owner was disabled. Disabled owners cannot log in or stay logged in. */
  disabled_at: number | null
  /** Changing it ends all logins so far: a login is valid while its owner has the same stamp. */
  security_stamp: string
  created_at: number
  updated_at: number
}

/** A session. Times are milliseconds since 1970. */
export interface SessionRow {
  /** SHA-256 of the session's id, which is not stored. */
  id_hash: string
  /** What a session and its successors have in common: the `id_hash` of the first one, whose own row has none. */
  family: string | null
  owner_id: string | null
  data: string
  /** The client's address at the last request. */
  address: string | null
  /** The client's user agent at the last request. */
  agent: string | null
  created_at: number
  seen_at: number
  expires_at: number
}

/** The failed attempts of an account or an address. Times are milliseconds since 1970. */
export interface ThrottleRow {
  /** A SHA-256, so that the table names nobody. */
  key: string
  points: number
  /** Attempts are refused until then. 0 if they are not. */
  blocked_until: number
  expires_at: number
}

/** The tables that the cell's own migrations create. */
export interface CellTables {
  owners: OwnerRow
  sessions: SessionRow
  throttles: ThrottleRow
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how others add to it
  namespace Organic {
    /**
     * The rows of tables that are not the cell's own, by table. Whoever brings migrations adds them by merging:
     * `declare global { namespace Organic { interface Tables { notes: NoteRow } } }`.
     */
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- for others to extend
    interface Tables {}
  }
}

/** All tables of a cell's database. */
export interface Schema extends CellTables, Organic.Tables {}
