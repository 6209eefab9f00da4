import type { Request } from 'express'
import { z } from 'zod'
import { checkDna, idOf, urlPrefix } from '../context/cell'
import { isSameOrigin } from '../context/http/same-origin'
import { pagesOf, readReturnTo, type Fault, type Pages } from '../context/pages'
import { checkSessions } from './check-sessions'
import { registrationOf, type Register } from './registration'

/** The DNA of a folder of pages. */
export const websiteDna = z.object({
  mount: urlPrefix.default(''),
  options: z
    .strictObject({
      api: urlPrefix.default('/api').describe("Prefix of the API's URLs. Nobody is led there after logging in."),
      registration: z
        .boolean()
        .default(true)
        .describe('Whether the pages let people register, if the owner model has register.'),
      registrationBesideTrustPoint: z.boolean().default(false).describe('The same as in plasma/api-routes.'),
    })
    .prefault({}),
})

/** Characters of a field that are shown again. */
const MAX_TYPED = 512

/** What pages confirm in words. Their URLs name nothing else. */
const CONFIRMATIONS = ['registered', 'logged-out', 'password-changed', 'session-ended', 'sessions-ended'] as const
type Confirmation = (typeof CONFIRMATIONS)[number]

/** What the pages of one folder of routes have in common. */
export interface Website {
  pages: Pages
  /** The owner model's `register`, if people may register here. */
  register: Register | undefined
  /** Names of the fields of credentials. */
  nameKey: string
  passwordKey: string
  /** The URL of a page. */
  at: (page: string) => string
  /** The URL of a page that confirms what was done. */
  confirm: (page: string, what: Confirmation) => string
  /** The key of the text that confirms what was done, if a page of this site has led here. */
  confirmed: (req: Request) => string | undefined
  /** Where to go after logging in, or nothing if the request names no place that is safe. */
  returnTo: (value: unknown) => string | undefined
  /** What a user is called. */
  nameOf: (user: Organic.Owner) => string
}

/**
 * Reads the DNA of the folder of pages.
 *
 * @throws {DnaError}
 */
export function openWebsite(plasma: Organic.Plasma, dna: Organic.Dna): Website {
  checkSessions(plasma)
  const { mount, options } = checkDna(websiteDna, dna)
  const { ownerModel } = plasma.sessions
  const { nameKey = 'username', passwordKey = 'password' } = ownerModel.kind ?? {}
  const at = (page: string): string => mount + page || '/'
  // The API answers with JSON, and the others are the way here.
  const refused = [options.api, ...['/login', '/register', '/logout'].map(at)].filter(Boolean)
  return {
    register: registrationOf(plasma, options),
    pages: pagesOf(plasma),
    nameKey,
    passwordKey,
    at,
    confirm: (page, what) => `${at(page)}?done=${what}`,
    confirmed(req) {
      const what = CONFIRMATIONS.find((each) => each === req.query['done'])
      // A link of another site, or in a mail (`none`), must not make a page say that something was done.
      const isLed = isSameOrigin(req.headers) && req.headers['sec-fetch-site'] !== 'none'
      return what !== undefined && isLed ? `done.${what}` : undefined
    },
    returnTo(value) {
      const place = readReturnTo(value, refused)
      if (place === undefined) return undefined
      const { pathname, searchParams } = new URL(place, 'http://cell.invalid')
      // Nor may a link to the login make a page confirm anything.
      return CONFIRMATIONS.some((what) => searchParams.getAll('done').includes(what)) ? pathname : place
    },
    nameOf(user) {
      const { [nameKey]: name } = user as unknown as Record<string, unknown>
      return String(name ?? idOf(user))
    },
  }
}

/** What a form shows again of what was typed: never a password. */
export function typedIn(req: Request, field: string): string {
  const { [field]: value } = Object(req.body) as Record<string, unknown>
  return typeof value === 'string' ? value.slice(0, MAX_TYPED) : ''
}

/** Moves a fault to the field that it is about, which the problem does not name. */
export function moveFault(fault: Fault, fields: Readonly<Record<string, string>>, code: string): Fault[] {
  return [{ ...fault, field: fault.field ?? fields[code] }]
}
