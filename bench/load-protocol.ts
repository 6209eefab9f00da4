/** Somebody who sends requests. */
export interface LoadClient {
  /** Header with the session's cookie; empty for none. */
  cookie: string
  /** What each answer to this client contains. */
  expected: string
  /** JSON to post. Without it, requests are GET. */
  body?: string
}

/** Requests, in a closed loop: each connection sends its next one when it has its answer. */
export interface LoadOptions {
  /** The servers, as in `http://127.0.0.1:1337`, among which the connections are shared out. */
  addresses: string[]
  /** How many requests are under way at once. */
  connections: number
  /** As in `/api/me`. */
  path: string
  /** Each request is one of a random client. */
  clients: LoadClient[]
  /** Milliseconds from an answer to the next request of the same connection. @default 0 */
  pause?: number
}

/** Passwords that are verified instead of requests sent, in the same closed loop. */
export interface HashingOptions {
  passwordHash: string
  /** How many are verified at once. */
  connections: number
}

/** What a `Load` tells its process. */
export type LoadCommand = { start: LoadOptions | HashingOptions } | { lap: true } | { stop: true }

/** What has happened since the last lap. */
export interface Lap {
  /** Of each request, in ms. */
  latencies: number[]
  /** Answers that were not as expected, at most a few. */
  wrong: string[]
  /** Length of the lap, in seconds. */
  seconds: number
}
