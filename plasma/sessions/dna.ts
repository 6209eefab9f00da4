import { z } from 'zod'

/** In its one spelling, so that two can be told apart. */
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
    /** Module of the owner model, relative to the working directory. */
    ownerModelPath: z.string('expected a path').min(1, 'must not be empty').optional(),
    /** The owner model itself: goes before the path. */
    ownerModel: z.unknown().optional(),
    /** Single point of trust for users: asked about credentials that no local owner has. */
    remoteLoginEndpoint: endpoint,
    /** Single point of trust for applications: asked about credentials that come with an `ownerId`. */
    remoteAuthenticateEndpoint: endpoint,
    /** Milliseconds that a trust point has for its whole answer. */
    remoteTimeout: z.int().min(1).max(60_000).default(5000),
    /** Bytes that its answer may have. */
    remoteMaxBytes: z.int().min(1).default(65_536),
    /** Requests that may wait for it at once. More are refused, with 503. */
    remoteMaxPending: z.int().min(1).default(50),
    /** Failures in a row after which it is left alone, and for how long. */
    remoteFailures: z.int().min(1).default(5),
    remoteRetrySeconds: z.number().positive().default(10),
    /** How long a login that a trust point vouched for lasts: a session cannot outlive its owner there for longer. */
    remoteSessionSeconds: z.number().positive().default(3600),
    /** File with the certificate authority, in PEM, that an https: trust point is checked against. */
    remoteCaFile: z.string().min(1).optional(),
    /** Refuses http: trust points on other machines. */
    remoteRequireHttps: z.boolean().default(false),
    /** Lets them be all the same: whoever is on the way reads every password, and can be anyone. */
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

export type SessionsDna = z.output<typeof sessionsDna>

function isInsecure(url: string | undefined): boolean {
  if (url === undefined) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** What is the same for Express: it ignores capitals, a slash at the end, and the query. */
function routeOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  const { origin, pathname } = new URL(url)
  return origin + pathname.toLowerCase().replace(/\/$/, '')
}
