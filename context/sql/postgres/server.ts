import { isIP } from 'node:net'

/** A database on a PostgreSQL server, as its URL names it. */
export interface PostgresServer {
  /** Where it is, for messages: without a user and a password. */
  readonly name: string
  /** A host, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string | undefined
  readonly password: string | undefined
  /** Whether the connection is encrypted, and the server's certificate verified. */
  readonly isTls: boolean
}

/** The values of `sslmode`. All but `disable` verify the certificate and the host: what libpq calls `verify-full`. */
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full']
const PARAMETERS = ['host', 'port', 'sslmode', 'channel_binding']

/**
 * Parses a URL such as `postgres://user:password@host:5432/database?sslmode=require`. A Unix socket is
 * `postgres://user@/database?host=/var/run/postgresql`. Other machines are reached by TLS unless it says `sslmode=disable`.
 *
 * @throws {Error} that says what is wrong and repeats nothing of the URL, which may have a password
 */
export function parseServer(text: string): PostgresServer {
  const url = parseUrl(text)
  const parameters = url.searchParams
  const unknown = [...parameters.keys()].find((key) => !PARAMETERS.includes(key))
  if (unknown !== undefined) throw new Error(`expected no parameters but ${PARAMETERS.join(', ')}`)
  const host = (parameters.get('host') ?? decode(url.hostname).replace(/^\[(.*)\]$/, '$1')) || 'localhost'
  const port = Number(parameters.get('port') ?? (url.port || 5432))
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error('port: expected a number up to 65535')
  const database = decode(url.pathname.slice(1))
  if (database === '') throw new Error('expected the name of a database after the host')
  const mode = parameters.get('sslmode') ?? (isThisMachine(host) ? 'disable' : 'verify-full')
  if (!TLS_MODES.includes(mode)) throw new Error(`sslmode: expected ${TLS_MODES.join(' or ')}`)
  return {
    name: `${isIP(host) === 6 ? `[${host}]` : host}:${port}/${database}`,
    host,
    port,
    database,
    user: decode(url.username) || undefined,
    password: decode(url.password) || undefined,
    isTls: mode !== 'disable',
  }
}

function parseUrl(text: string): URL {
  // A user without a host is no URL.
  const full = text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)\//, '$1localhost/')
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (!url || !/^postgres(ql)?:\/\//.test(url.href) || url.hash !== '')
    throw new Error('expected a URL as in "postgres://user:password@host/database", with the password encoded')
  return url
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('has a % that begins no encoded character')
  }
}

function isThisMachine(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
