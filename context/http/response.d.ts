/** What this cell adds to Express's responses. */
declare namespace Express {
  interface Response {
    /** The answer of a route, sent as JSON once the route has called `next`. */
    response?: unknown
    /** `response` under its name in organic-express-response. */
    body?: unknown
    /** The status to answer with, as in organic-express-response. The same as `res.status()`. */
    code?: number
    /** The error that was answered instead, if there was one. */
    problem?: { readonly status: number; readonly code: string }
  }
}
