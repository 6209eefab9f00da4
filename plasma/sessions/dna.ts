import { z } from 'zod'

/** Normalized, so that two spellings of one endpoint are equal. */
const endpoint = z
  .url({ protocol: /^https?$/, error: 'expected an http: or https: URL', abort: true })
  .transform((url) => new URL(url))
  .refine(({ username, password }) => username === '' && password === '', 'a URL must not carry credentials')
  .transform(({ href }) => href.replace(/#.*$/, ''))
  .optional()

/** DNA of the sessions organelle. */
export const sessionsDna = z
  .strictObject({
    source: z.string().optional(),
    /** The name on the plasma. */
    name: z.string('expected the name of the function on the plasma').min(1, 'must not be empty'),
    /** Module of the owner model, relative to the cell's root folder. */
    ownerModelPath: z.string('expected a path').min(1, 'must not be empty').optional(),
    /** The owner model itself, which takes precedence over the path. */
    ownerModel: z.unknown().optional(),
    /** The trust point for users: asked about credentials that no local owner has. */
    remoteLoginEndpoint: endpoint,
    /** The trust point for applications: asked about credentials with an `ownerId`. */
    remoteAuthenticateEndpoint: endpoint,
    /** Time for a trust point's whole answer, in milliseconds. */
    remoteTimeout: z.int().min(1).max(60_000).default(5000),
    /** Maximum size of its answer, in bytes. */
    remoteMaxBytes: z.int().min(1).default(65_536),
    /** Requests that may wait for it at once. More get 503. */
    remoteMaxPending: z.int().min(1).default(50),
    /** After this many failures in a row, a trust point is not asked for a while. */
    remoteFailures: z.int().min(1).default(5),
    /** How long it is then not asked. */
    remoteRetrySeconds: z.number().positive().default(10),
    /** How long a login that a trust point vouched for lasts. A session outlives its owner there no longer than that. */
    remoteSessionSeconds: z.number().positive().default(3600),
    /** PEM file with the certificate authority of https: trust points. */
    remoteCaFile: z.string().min(1).optional(),
    /** Refuses http: trust points on other machines. */
    remoteRequireHttps: z.boolean().default(false),
    /** Allows them anyway: whoever is on the network path reads every password, and can log in as anyone. */
    dangerouslyAllowInsecureRemote: z.boolean().default(false),
  })
  .refine((dna) => dna.ownerModel !== undefined || dna.ownerModelPath !== undefined, {
    path: ['ownerModelPath'],
    error: 'expected a path of an owner model',
  })
  .refine(
    (dna) =>
      dna.remoteLoginEndpoint === undefined ||
      routeOf(dna.remoteLoginEndpoint) !== routeOf(dna.remoteAuthenticateEndpoint),
    {
      path: ['remoteAuthenticateEndpoint'],
      error: 'must not be the remoteLoginEndpoint: any user could name any owner',
    },
  )
  .superRefine((dna, context) => {
    if (!dna.remoteRequireHttps || dna.dangerouslyAllowInsecureRemote) return
    for (const key of ['remoteLoginEndpoint', 'remoteAuthenticateEndpoint'] as const) {
      if (isInsecure(dna[key])) {
        const message = 'must be https: on another machine (or say "dangerouslyAllowInsecureRemote": true)'
        context.addIssue({ code: 'custom', path: [key], message })
      }
    }
  })

/** Checked DNA of the sessions organelle. */
export type SessionsDna = z.output<typeof sessionsDna>

/** Whom a cell trusts, and how far. */
export type TrustOptions = Pick<SessionsDna, Extract<keyof SessionsDna, `remote${string}`>>

function isInsecure(url: string | undefined): boolean {
  if (url === undefined) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** URLs with the same route are the same for Express, which ignores case, a trailing slash, and the query. */
function routeOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const { origin, pathname } = new URL(url)
  return origin + pathname.toLowerCase().replace(/\/$/, '')
}
