/** What somebody threw, as text: it need not have been an error. */
export function messageOf(thrown: unknown): string {
  const first = firstOf(thrown)
  return first instanceof Error ? first.message : String(first)
}

/** What a plasma rejects with may be a list of errors, with gaps: the first of them. */
export function firstOf(thrown: unknown): unknown {
  return Array.isArray(thrown) ? thrown.find(Boolean) : thrown
}

/** What programs compare of it: its code, where it has one. */
export function codeOf(thrown: unknown): unknown {
  return (Object(thrown) as { code?: unknown }).code ?? 'ERROR'
}
