import { z } from 'zod'

/** In its one spelling, so that two can be told apart. */
const endpoint = z
  .url({ protocol: /^https?$/, error: 'expected an http: or https: URL', abort: true })
  .transform((url) => new URL(url))
  .refine(({ username, password }) => username === '' && password === '', 'a URL must not carry credentials')
  .transform(({ href }) => href.replace(/#.*$/, ''))

/** DNA of the sessions organelle (README, "dna"). */
export const sessionsDna = z
  .strictObject({
    source: z.string().optional(),
    /** The name on the plasma. */
    name: z.string('expected the name of the function on the plasma').min(1, 'must not be empty'),
    /** Module of the owner model, relative to the working directory. */
    ownerModelPath: z.string('expected a path').min(1, 'must not be empty').optional(),
    /** The owner model itself: goes before the path. */
    ownerModel: z.unknown().optional(),
    /** Single point of trust for users: asked for credentials that no local owner has. */
    remoteLoginEndpoint: endpoint.optional(),
    /** Single point of trust for applications: asked for credentials that come with an `ownerId`. */
    remoteAuthenticateEndpoint: endpoint.optional(),
    /** Milliseconds that a trust point has for its whole answer. */
    remoteTimeout: z.int().min(1).max(60_000).default(5000),
    /** Bytes that its answer may have. */
    remoteMaxBytes: z.int().min(1).default(65_536),
  })
  .refine((dna) => dna.ownerModel !== undefined || dna.ownerModelPath !== undefined, {
    path: ['ownerModelPath'],
    error: 'expected a path of an owner model',
  })
  .refine((dna) => dna.remoteLoginEndpoint === undefined || dna.remoteLoginEndpoint !== dna.remoteAuthenticateEndpoint, {
    path: ['remoteAuthenticateEndpoint'],
    error: 'must not be the remoteLoginEndpoint: any user could name any owner',
  })

export type SessionsDna = z.output<typeof sessionsDna>
