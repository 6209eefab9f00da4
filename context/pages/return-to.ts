/** Characters of a place to return to. */
const MAX_LENGTH = 512
/** What browsers or proxies drop or take for the end of a path: control characters, backslashes, `//` and dots. */
// eslint-disable-next-line no-control-regex -- what attackers send
const DANGEROUS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]|\/\/|\/\.{1,2}(?:\/|$)/
/** Stands for the cell's own origin. No request goes there. */
const HERE = 'http://cell.invalid'

/**
 * The place that a person may be led to once they are logged in: an absolute path of this origin (CWE-601).
 *
 * @param value as the client sent it
 * @param refused paths that nobody is led to, nor below them: a logout, the API
 * @returns the path and the query, or nothing for anything else
 * @example readReturnTo('/invoices?year=2026', ['/logout']) // '/invoices?year=2026'
 */
export function readReturnTo(value: unknown, refused: readonly string[]): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^\/[\x21-\x7e]*$/.test(value)) return undefined
  const [given = ''] = value.split(/[?#]/)
  // Before the URL is parsed: a parser resolves dots, and what is left may begin with `//`.
  if (DANGEROUS.test(given) || value.includes('\\') || !URL.canParse(value, HERE)) return undefined
  const { origin, pathname, search } = new URL(value, HERE)
  const path = decodeFully(pathname)
  if (origin !== HERE || path === undefined || DANGEROUS.test(path)) return undefined
  const isRefused = refused.some((place) => `${path.toLowerCase()}/`.startsWith(`${place.toLowerCase()}/`))
  return isRefused ? undefined : pathname + search
}

/** Undoes percent-encoding, however often it was done. @returns nothing if it is broken */
function decodeFully(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path)
    return decoded === path ? path : decodeFully(decoded)
  } catch {
    return undefined
  }
}
