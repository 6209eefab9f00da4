import type { Response } from 'express'

/**
 * Calls back once, when a route ends its answer, and before the answer is sent unless a part of it was. Neither Node's
 * `finish` nor the package `on-headers` does that if the client is gone.
 */
export function onEnd(res: Response, listener: () => void): void {
  const end = res.end.bind(res) as (...values: unknown[]) => Response
  let hasEnded = false
  res.end = ((...values: unknown[]) => {
    if (!hasEnded) {
      hasEnded = true
      listener()
    }
    return end(...values)
  }) as Response['end']
}
