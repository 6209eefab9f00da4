/**
 * Milliseconds since 1970. Never goes back while the process runs: what has ended by a time must not come alive again
 * because somebody set the machine's clock.
 */
export function now(): number {
  return Math.max(Date.now(), Math.floor(performance.timeOrigin + performance.now()))
}
