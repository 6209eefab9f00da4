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
    source: z.string().optional().describe('Where its code is: a path such as plasma/sessions, or a package.'),
    name: z
      .string('expected the name of the function on the plasma')
      .min(1, 'must not be empty')
      .describe("The function's name on the plasma."),
    ownerModelPath: z
      .string('expected a path')
      .min(1, 'must not be empty')
      .optional()
      .describe("The owner model's module."),
    ownerModel: z
      .unknown()
      .optional()
      .describe(
        'The owner model itself, for programs that pass DNA to the cell. It takes precedence over ownerModelPath.',
      ),
    remoteLoginEndpoint: endpoint.describe(
      'The trust point for users: URL of a login that is asked about credentials that no local owner has. Without credentials of its own.',
    ),
    remoteAuthenticateEndpoint: endpoint.describe(
      'The trust point for applications, asked about credentials with an ownerId. Another URL than remoteLoginEndpoint.',
    ),
    remoteTimeout: z
      .int()
      .min(1)
      .max(60_000)
      .default(5000)
      .describe("How long a trust point's whole answer may take, in milliseconds."),
    remoteMaxBytes: z.int().min(1).default(65_536).describe('Largest answer of a trust point, in bytes.'),
    remoteMaxPending: z
      .int()
      .min(1)
      .default(50)
      .describe('Requests that may wait for a trust point at once. More get 503.'),
    remoteFailures: z
      .int()
      .min(1)
      .default(5)
      .describe('After how many requests in a row without an answer the cell stops asking a trust point.'),
    remoteRetrySeconds: z.number().positive().default(10).describe('For how many seconds it then does not ask.'),
    remoteSessionSeconds: z
      .number()
      .positive()
      .default(3600)
      .describe(
        'How many seconds a login lasts that a trust point vouched for. Changes at the trust point (an owner or an application deleted, disabled, given another password) reach this cell within this time.',
      ),
    remoteCaFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of the certificate authority of https: trust points.'),
    remoteRequireHttps: z.boolean().default(false).describe('Refuses http: trust points on other machines.'),
    dangerouslyAllowInsecureRemote: z
      .boolean()
      .default(false)
      .describe(
        'Allows them in spite of remoteRequireHttps: whoever is on the network path reads every password, and can log in as anyone.',
      ),
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
