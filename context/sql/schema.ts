/** An owner as it is stored, of any kind. Times are milliseconds since 1970. */
export interface OwnerRow {
  id: string
  kind: string
  /** The username of a user, the appname of an application. */
  own_name: string
  /** What makes two such names the same one. */
  name_key: string
  name: string | null
  email: string | null
  /** None for an owner whose password a trust point keeps. */
  password_hash: string | null
  /** The endpoint of that trust point. */
  trust_point: string | null
  /** When the owner was disabled. They cannot log in or stay logged in. */
  disabled_at: number | null
  /** Changes when all logins so far must end, as with a new password. A login holds while it has the same one. */
  security_stamp: string
  created_at: number
  updated_at: number
}

/** A session as it is stored: never its id, only the SHA-256 of it. Times are milliseconds since 1970. */
export interface SessionRow {
  id_hash: string
  /** The handle of a session and its successors: the `id_hash` of the first of them. */
  family: string
  owner_id: string | null
  data: string
  /** From where it was last seen. */
  address: string | null
  /** The browser or program that it was last seen in, in its own words. */
  agent: string | null
  created_at: number
  seen_at: number
  expires_at: number
}

/** What throttling counts of an account or an address, until a time in milliseconds since 1970. */
export interface ThrottleRow {
  /** A SHA-256: the table names nobody. */
  key: string
  points: number
  /** Attempts are refused before this time. 0 where none are. */
  blocked_until: number
  expires_at: number
}

/** The tables, as {@link migrations} make them. */
export interface Schema {
  owners: OwnerRow
  sessions: SessionRow
  throttles: ThrottleRow
}
