import { z } from 'zod'
import { organelleDna } from '../cell'
import { corsDna } from './cors'
import { headersDna } from './headers-dna'
import { PORT_EXPECTED, portNumber } from './port'
import { staticFilesDna } from './static-files'

const milliseconds = z.int('expected whole milliseconds').min(1).max(600_000)

/**
 * DNA of the Express server: the keys of organic-express-server and those of this cell's init script. Keys that the README of
 * organic-express-server leaves out have defaults, so that its DNA works unchanged.
 */
export const expressServerDna = z.strictObject({
  source: organelleDna.source,
  reactOn: organelleDna.reactOn.default('CellBuilt'),
  emitReady: organelleDna.emitReady.default('ExpressServer'),
  port: z
    .union(
      [
        portNumber,
        z
          .string()
          .regex(/^\d{1,5}$/, PORT_EXPECTED)
          .refine(isPort, PORT_EXPECTED),
      ],
      PORT_EXPECTED,
    )
    .describe('The port. 0 is any free one.'),
  host: z.string().min(1).optional().describe('The address to listen on. Without it, all interfaces.'),
  backlog: z.int().min(1).optional().describe('Length of the queue of connections, as in organic-express-server.'),
  log: z.boolean().optional().describe('Prints a line when the server listens.'),
  logRunning: z
    .boolean()
    .optional()
    .describe('The same as log, under its name in the README of organic-express-server.'),
  initScript: z
    .string('expected a path')
    .min(1, 'must not be empty')
    .optional()
    .describe(
      "The module that makes the Express application, before sessions and routes. Without it, this cell's own.",
    ),
  closeOn: z.string().optional().describe('The chemical that ends the server, as in organic-express-server.'),
  forceConnectionsDestroyOnClose: z.boolean().optional().describe('As in organic-express-server.'),
  bodyLimit: z
    .string()
    .regex(/^\d+(b|kb|mb)$/, 'expected a size as in "16kb"')
    .default('16kb')
    .describe('Largest request body, as in 16kb.'),
  requestTimeout: milliseconds
    .default(30_000)
    .describe('Milliseconds until a connection is closed whose request is incomplete.'),
  answerTimeout: milliseconds
    .default(30_000)
    .describe('Milliseconds until a connection is closed whose client does not read its answer.'),
  stopTimeout: milliseconds
    .max(8000)
    .default(5000)
    .describe(
      'Milliseconds that requests in flight may still take when the cell stops. Less than stopSeconds of the cell.',
    ),
  trustProxy: z
    .union(
      [z.literal(false), z.string().min(1), z.int().min(1)],
      'expected addresses of proxies, how many there are, or false',
    )
    .default(false)
    .describe(
      "Proxies whose X-Forwarded-* headers are believed, as in Express's trust proxy (OWASP ASVS 4.1.3). Name proxies, and cells that ask this one, on other machines: loopback,10.0.0.5",
    ),
  trustedOrigins: z
    .array(z.string().refine(isOrigin, 'expected an origin as in "https://app.example.org"'))
    .default([])
    .describe('Other origins whose pages may post here, as in https://app.example.org (OWASP ASVS 3.5.1).'),
  headers: headersDna.prefault({}).describe('Changes to the security headers of every answer (OWASP ASVS 3.4).'),
  cors: z
    .union([corsDna, z.literal(false)])
    .default(false)
    .describe('Origins whose pages may use this cell from scripts. Without it, none.'),
  staticFiles: z
    .union([staticFilesDna, z.literal(false)])
    .default(false)
    .describe('A folder of files that anybody may load.'),
})

/** Checked DNA of the Express server. */
export type ExpressServerDna = z.output<typeof expressServerDna>

function isPort(value: string): boolean {
  return portNumber.safeParse(Number(value)).success
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value && !value.includes('*')
}
