import { z } from 'zod'
import { organelleDna } from '../../context/cell'
import { stores } from './stores'

const secret = z
  .string('expected a string')
  .refine((text) => text.replace(/^[\s\0]+|[\s\0]+$/g, '').length >= 32, 'must have at least 32 characters')
const seconds = z.int('expected whole seconds').min(1)

/** DNA of the express-sessions organelle. */
export const expressSessionsDna = z
  .strictObject({
    ...organelleDna,
    /** Where sessions are kept. */
    store: z.enum(Object.keys(stores) as [keyof typeof stores]).default('sql'),
    /** Signs the cookie. The first of several signs, all are accepted. */
    secret: z
      .union([secret, z.array(secret).min(1)], 'expected a string of at least 32 characters, or a list of these')
      .meta({ secret: true })
      .optional(),
    /** File with the secret, if DNA has none. Created on the first run. */
    secretFile: z.string().min(1).optional(),
    cookie: z
      .strictObject({
        name: z
          .string()
          .regex(/^[\w-]+$/, 'expected letters, digits, - and _')
          .default('id'),
        /** Whether browsers send the cookie over HTTPS only. */
        secure: z.boolean().default(false),
        sameSite: z.enum(['lax', 'strict']).default('lax'),
      })
      .prefault({}),
    /** A session expires if it is not used for this long (OWASP ASVS 7.3.1). */
    idleSeconds: seconds.default(30 * 60),
    /** A session expires at this age, used or not (OWASP ASVS 7.3.2). */
    absoluteSeconds: seconds.default(12 * 60 * 60),
    /** The same for owners who ask to be remembered when they log in. `false` if nobody can ask. */
    remember: z
      .union(
        [z.strictObject({ idleSeconds: seconds, absoluteSeconds: seconds }), z.literal(false)],
        'expected idleSeconds and absoluteSeconds, or false',
      )
      .default(false),
    /** Precision of "last used": a request writes nothing if the session was used more recently than this. */
    touchSeconds: z.int().min(0).default(60),
    /** How often expired sessions are deleted. */
    cleanupSeconds: seconds.max(24 * 60 * 60).default(5 * 60),
  })
  .refine((dna) => dna.secret !== undefined || dna.secretFile !== undefined, {
    path: ['secret'],
    error: 'expected a secret, or a secretFile to keep one in',
  })
  .refine((dna) => dna.store !== 'redis' || [dna.reactOn].flat().includes('Redis'), {
    path: ['reactOn'],
    error: 'must have "Redis" for the store "redis", and plasma/redis must be on',
  })
  .refine((dna) => dna.touchSeconds < dna.idleSeconds, {
    path: ['touchSeconds'],
    error: 'must be less than idleSeconds, or sessions in use would expire',
  })
  .refine(
    ({ remember, ...dna }) =>
      !remember || (remember.idleSeconds > dna.idleSeconds && remember.absoluteSeconds > dna.absoluteSeconds),
    {
      path: ['remember'],
      error: 'must be longer than idleSeconds and absoluteSeconds',
    },
  )
  .refine((dna) => dna.cookie.secure || !/^__(host|secure)-/i.test(dna.cookie.name), {
    path: ['cookie', 'secure'],
    error: 'must be true for a cookie name with __Host- or __Secure-: browsers refuse it otherwise',
  })

/** Checked DNA of the express-sessions organelle. */
export type ExpressSessionsDna = z.output<typeof expressSessionsDna>
