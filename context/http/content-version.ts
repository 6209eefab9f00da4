import { hash } from 'node:crypto'

/** `Cache-Control` for a URL that has the version of its content in it: changed content gets another URL. */
export const KEEP_FOREVER = 'public, max-age=31536000, immutable'

/** A version of this content for its URL: 16 characters of a hash, safe in paths and queries. */
export function versionOf(content: Buffer): string {
  return hash('sha256', content, 'base64url').slice(0, 16)
}
