import { z } from 'zod'
import { organelleDna } from '../../context/cell'

const milliseconds = z.int('expected whole milliseconds').min(1).max(60_000)

/** Without the URL in the message: it may have a password. */
const url = z
  .string('expected a URL')
  .refine(
    (text) => URL.canParse(text) && /^(rediss?:\/\/[^/?#]+(\/\d*)?|unix:\/\/\/.+)$/.test(text),
    'expected a URL as in "redis://10.0.0.5:6379", "rediss://user:password@example.org" or "unix:///run/redis.sock"',
  )

/** DNA of the redis organelle. */
export const redisDna = z
  .strictObject({
    source: organelleDna.source,
    emitReady: organelleDna.emitReady,
    url,
    /** Whether the URL is that of a node of a Redis Cluster. */
    cluster: z.boolean().default(false),
    /** What every key begins with. Cells with the same prefix share sessions and counts. */
    prefix: z
      .string()
      .regex(/^[\w:.-]*$/, 'expected letters, digits and : . _ -')
      .default('cell:'),
    /** How long opening a connection may take, in milliseconds. */
    connectTimeout: milliseconds.default(5000),
    /** How long a command may take, in milliseconds. A request that needs Redis fails then. */
    commandTimeout: milliseconds.default(2000),
    /** How long the boot waits for Redis. */
    waitSeconds: z.int('expected whole seconds').min(0).default(30),
  })
  .refine(({ cluster, url }) => !cluster || !/^unix:|\/\d+$/.test(url), {
    path: ['cluster'],
    error: 'must be false for a URL with unix: or the number of a database',
  })
