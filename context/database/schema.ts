/** An owner as it is stored. Times are milliseconds since 1970. */
export interface UserRow {
  id: string
  username: string
  username_key: string
  password_hash: string | null
  created_at: number
  updated_at: number
}

/** A session as it is stored: never its id, only the SHA-256 of it. Times are milliseconds since 1970. */
export interface SessionRow {
  id_hash: string
  owner_id: string | null
  data: string
  created_at: number
  seen_at: number
  expires_at: number
}

/** The tables, as {@link migrations} make them. */
export interface Schema {
  users: UserRow
  sessions: SessionRow
}
