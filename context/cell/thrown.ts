/** The message of whatever was thrown, which need not be an error. Of a plasma's list of errors, the first one's. */
export function messageOf(thrown: unknown): string {
  const first = firstOf(thrown)
  if (first instanceof Error) return first.message
  // An object need not be convertible to a string.
  return typeof first === 'object' && first !== null ? Object.prototype.toString.call(first) : String(first)
}

/** The first error of the sparse list that a plasma rejects with. Anything else is returned as it is. */
export function firstOf(thrown: unknown): unknown {
  return Array.isArray(thrown) ? thrown.find(Boolean) : thrown
}

/** The innermost cause of an error, or what was thrown if it has none. */
export function rootOf(thrown: unknown): unknown {
  let root = thrown
  while (root instanceof Error && root.cause) root = root.cause
  return root
}

/** The `code` of whatever was thrown, or `ERROR` if it has none. */
export function codeOf(thrown: unknown): string {
  const { code } = Object(thrown) as { code?: unknown }
  return typeof code === 'string' || typeof code === 'number' ? String(code) : 'ERROR'
}
