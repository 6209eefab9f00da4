/** What this cell adds to Express. */
declare namespace Express {
  interface Response {
    /** What a route answers with, as JSON, once it has called `next`. */
    response?: unknown
    /** What was answered in its place, where something went wrong. */
    problem?: { readonly status: number; readonly code: string }
  }
}
