import { z } from 'zod'

const KEYWORDS = `none self strict-dynamic report-sample unsafe-inline unsafe-eval unsafe-hashes wasm-unsafe-eval
  inline-speculation-rules allow-duplicates script`.split(/\s+/)
const HASH = /^sha(256|384|512)-[\w+/-]+={0,2}$/
const YEAR = 31_536_000

/** One of the sources of a directive, as in `'self'`, `data:` or `https://cdn.example.org`. */
const source = z.string('expected a source, as in "\'self\'" or "https://cdn.example.org"').superRefine(checkSource)
const sources = z
  .array(source)
  .min(1)
  .refine((list) => list.length === 1 || !list.includes("'none'"), `expected nothing else beside "'none'"`)
const orFalse = <T extends z.ZodType>(value: T): z.ZodOptional<z.ZodUnion<readonly [T, z.ZodLiteral<false>]>> =>
  z.union([value, z.literal(false)]).optional()

const DIRECTIVES = [
  ...['childSrc', 'connectSrc', 'fontSrc', 'frameSrc', 'imgSrc', 'manifestSrc', 'mediaSrc', 'objectSrc', 'workerSrc'],
  ...['scriptSrc', 'scriptSrcAttr', 'scriptSrcElem', 'styleSrc', 'styleSrcAttr', 'styleSrcElem'],
  ...['baseUri', 'formAction', 'frameAncestors', 'reportTo', 'reportUri', 'requireTrustedTypesFor', 'trustedTypes'],
]

/** Directives by helmet's names for them. Each replaces the cell's own; `false` removes it. */
const contentSecurityPolicy = z.strictObject({
  defaultSrc: sources.optional().describe('Sources of defaultSrc.'),
  ...Object.fromEntries(DIRECTIVES.map((name) => [name, orFalse(sources).describe(`Sources of ${name}.`)])),
  sandbox: orFalse(z.array(source)).describe('What a sandboxed page may do.'),
  upgradeInsecureRequests: z
    .boolean('expected true or false')
    .optional()
    .describe('Whether browsers load http: URLs of a page over HTTPS.'),
})

/** DNA of the security headers, by helmet's names for them. `false` leaves a header out. */
export const headersDna = z.strictObject({
  contentSecurityPolicy: contentSecurityPolicy
    .prefault({})
    .describe(
      "Directives of the Content-Security-Policy, by helmet's names for them. Each replaces the one as shipped; false removes it.",
    ),
  strictTransportSecurity: z
    .union([
      z
        .strictObject({
          maxAge: z.int('expected whole seconds').min(0).default(YEAR).describe('Seconds.'),
          includeSubDomains: z.boolean().default(true).describe('Whether it covers all subdomains.'),
          preload: z
            .boolean()
            .default(false)
            .describe('Whether the domain may be on the list that browsers ship with.'),
        })
        .refine(({ maxAge, includeSubDomains, preload }) => !preload || (maxAge >= YEAR && includeSubDomains), {
          path: ['preload'],
          error: `needs includeSubDomains, and a maxAge of at least ${YEAR}`,
        }),
      z.literal(false),
    ])
    .prefault({})
    .describe('Sent over HTTPS only.'),
  crossOriginEmbedderPolicy: orFalse(z.enum(['require-corp', 'credentialless', 'unsafe-none'])).describe(
    'Not sent as shipped.',
  ),
  crossOriginOpenerPolicy: orFalse(z.enum(['same-origin', 'same-origin-allow-popups', 'unsafe-none'])).describe(
    'same-origin as shipped.',
  ),
  crossOriginResourcePolicy: orFalse(z.enum(['same-origin', 'same-site', 'cross-origin'])).describe(
    'same-origin as shipped.',
  ),
  referrerPolicy: z
    .enum(['same-origin', 'strict-origin', 'strict-origin-when-cross-origin'])
    .optional()
    .describe("Without no-referrer: browsers would send Origin: null even with the cell's own forms."),
  xFrameOptions: orFalse(z.enum(['deny', 'sameorigin'])).describe('deny as shipped.'),
})

/** Checked DNA of the security headers. */
export type HeadersDna = z.output<typeof headersDna>

function checkSource(value: string, context: z.RefinementCtx): void {
  const [, quoted] = /^'(.*)'$/.exec(value) ?? []
  if (quoted?.startsWith('nonce-')) context.addIssue('a nonce must be another one in every answer: use a hash')
  else if (quoted !== undefined && !KEYWORDS.includes(quoted) && !HASH.test(quoted))
    context.addIssue(`expected a keyword in quotes that there is, as in "'self'", or a hash`)
  else if (KEYWORDS.includes(value) || HASH.test(value))
    context.addIssue(`expected quotes around it, as in "'${value}'"`)
  // Anything else would end the directive, or the header.
  else if (quoted === undefined && !/^[!#-&(-+\--:<-~]+$/.test(value))
    context.addIssue('expected one source, without spaces, quotes, ";" and ","')
}
