import { z } from 'zod'
import { organelleDna } from '../cell'
import { corsDna } from './cors'
import { headersDna } from './headers-dna'
import { staticFilesDna } from './static-files'

const PORT = 'expected a port number from 0 to 65535'
const portNumber = z.int(PORT).min(0, PORT).max(65_535, PORT)
const milliseconds = z.int('expected whole milliseconds').min(1).max(600_000)

/**
 * DNA of the Express server: the keys of organic-express-server and those of this cell's init script. Keys that the README of
 * organic-express-server leaves out have defaults, so that its DNA works unchanged.
 */
export const expressServerDna = z.strictObject({
  source: organelleDna.source,
  reactOn: organelleDna.reactOn.default('CellBuilt'),
  emitReady: organelleDna.emitReady.default('ExpressServer'),
  /** 0 for any free port. */
  port: z.union([portNumber, z.string().refine(isPort, PORT)], PORT),
  /** @default all interfaces */
  host: z.string().min(1).optional(),
  backlog: z.int().min(1).optional(),
  /** Prints a line when the server listens. */
  log: z.boolean().optional(),
  /** What the README of organic-express-server calls `log`. */
  logRunning: z.boolean().optional(),
  /** The module that makes the Express app. @default context/http/express-app */
  initScript: z.string('expected a path').min(1, 'must not be empty').optional(),
  closeOn: z.string().optional(),
  forceConnectionsDestroyOnClose: z.boolean().optional(),
  /** The largest request body, as in "16kb". */
  bodyLimit: z
    .string()
    .regex(/^\d+(b|kb|mb)$/, 'expected a size as in "16kb"')
    .default('16kb'),
  /** Milliseconds for receiving a complete request. */
  requestTimeout: milliseconds.default(30_000),
  /** Milliseconds after which a client that does not read its answer is cut off. */
  answerTimeout: milliseconds.default(30_000),
  /** Milliseconds for requests in flight when the cell stops. Must be less than the cell's `stopSeconds`. */
  stopTimeout: milliseconds.max(8000).default(5000),
  /** Proxies whose X-Forwarded-* headers are trusted, as Express's "trust proxy". None by default (OWASP ASVS 4.1.3). */
  trustProxy: z
    .union(
      [z.literal(false), z.string().min(1), z.int().min(1)],
      'expected addresses of proxies, how many there are, or false',
    )
    .default(false),
  /** Other origins whose pages may post here (OWASP ASVS 3.5.1). */
  trustedOrigins: z
    .array(z.string().refine(isOrigin, 'expected an origin as in "https://app.example.org"'))
    .default([]),
  /** Security headers of every answer (OWASP ASVS 3.4). */
  headers: headersDna.prefault({}),
  /** Origins whose pages may use this cell from scripts. Nobody's without it. */
  cors: z.union([corsDna, z.literal(false)]).default(false),
  /** A folder of files that anybody may load. */
  staticFiles: z.union([staticFilesDna, z.literal(false)]).default(false),
})

/** Checked DNA of the Express server. */
export type ExpressServerDna = z.output<typeof expressServerDna>

function isPort(value: string): boolean {
  return /^\d{1,5}$/.test(value) && portNumber.safeParse(Number(value)).success
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && !value.includes('*')
}
