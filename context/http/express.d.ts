/** What this cell adds to Express. */
declare namespace Express {
  interface Response {
    /** What a route answers with, as JSON, once it has called `next`. */
    response?: unknown
    /** The same as `response`, by the name in organic-express-response. */
    body?: unknown
    /** The status to answer with, as in organic-express-response: the same as `res.status()`. */
    code?: number
    /** What was answered in its place, where something went wrong. */
    problem?: { readonly status: number; readonly code: string }
  }
}
