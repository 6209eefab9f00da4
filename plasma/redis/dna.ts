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
    url: url.describe(
      "redis://10.0.0.5:6379, rediss://user:password@example.org (TLS) or unix:///run/redis.sock; a database's number as in redis://10.0.0.5/1",
    ),
    cluster: z.boolean().default(false).describe('Whether the URL is that of a node of a Redis Cluster.'),
    prefix: z
      .string()
      .regex(/^[\w:.-]*$/, 'expected letters, digits and : . _ -')
      .default('cell:')
      .describe('What every key begins with. Cells with the same prefix share sessions and counts.'),
    connectTimeout: milliseconds.default(5000).describe('How long opening a connection may take, in milliseconds.'),
    commandTimeout: milliseconds
      .default(2000)
      .describe('How long a command may take, in milliseconds. Requests that need Redis then get 503.'),
    waitSeconds: z
      .int('expected whole seconds')
      .min(0)
      .default(30)
      .describe('How many seconds the boot waits for Redis. Less than bootSeconds of the cell.'),
  })
  .refine(({ cluster, url }) => !cluster || !/^unix:|\/\d+$/.test(url), {
    path: ['cluster'],
    error: 'must be false for a URL with unix: or the number of a database',
  })
