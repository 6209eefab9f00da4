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
    store: z
      .enum(Object.keys(stores) as [keyof typeof stores])
      .default('sql')
      .describe("Where sessions are kept: sql is the cell's database; any other needs the organelle of the same name."),
    secret: z
      .union([secret, z.array(secret).min(1)], 'expected a string of at least 32 characters, or a list of these')
      .meta({ secret: true })
      .optional()
      .describe(
        'Signs the cookie: a string of at least 32 characters, or a list, to rotate: the first signs, all are accepted.',
      ),
    secretFile: z
      .string()
      .min(1)
      .optional()
      .describe('File in which a secret is created and kept if there is no secret in the DNA.'),
    cookie: z
      .strictObject({
        name: z
          .string()
          .regex(/^[\w-]+$/, 'expected letters, digits, - and _')
          .default('id')
          .describe('Its name. __Host- needs secure.'),
        secure: z.boolean().default(false).describe('Whether browsers send it over HTTPS only.'),
        sameSite: z
          .enum(['lax', 'strict'])
          .default('lax')
          .describe(
            'Whether browsers send it when a link on another site leads here (lax), or not even then (strict).',
          ),
      })
      .prefault({})
      .describe('The cookie: always HttpOnly, Path=/, no Domain.'),
    idleSeconds: seconds.default(30 * 60).describe('How many seconds a session lasts unused (OWASP ASVS 7.3.1).'),
    absoluteSeconds: seconds
      .default(12 * 60 * 60)
      .describe('How many seconds a session lasts at most, used or not (OWASP ASVS 7.3.2).'),
    remember: z
      .union(
        [z.strictObject({ idleSeconds: seconds, absoluteSeconds: seconds }), z.literal(false)],
        'expected idleSeconds and absoluteSeconds, or false',
      )
      .default(false)
      .describe(
        '{ "idleSeconds": …, "absoluteSeconds": … }, both longer: for owners who log in with "remember": true, whose cookie outlives the browser. If false, remember changes nothing.',
      ),
    touchSeconds: z
      .int()
      .min(0)
      .default(60)
      .describe(
        'Precision of "last used", in seconds: a session\'s requests write it no more often. Less than idleSeconds.',
      ),
    cleanupSeconds: seconds
      .max(24 * 60 * 60)
      .default(5 * 60)
      .describe('How often expired sessions are deleted, in seconds.'),
  })
  .refine((dna) => dna.secret !== undefined || dna.secretFile !== undefined, {
    path: ['secret'],
    error: 'expected a secret, or a secretFile to keep one in',
  })
  .superRefine(({ store, reactOn }, context) => {
    const { waitsFor } = stores[store]
    // The database is one of the organelles that every cell has.
    if (store === 'sql' || [reactOn].flat().includes(waitsFor)) return
    const message = `must have "${waitsFor}" for the store "${store}", and plasma/${store} must be on`
    context.addIssue({ code: 'custom', path: ['reactOn'], message })
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
