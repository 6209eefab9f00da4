const ORIGIN = performance.timeOrigin
/** Milliseconds by which this process's time is ahead of the machine's. */
let ahead = 0

/**
 * Milliseconds since 1970. Never goes back while the process runs: what has ended by a time must not come alive again
 * because somebody set the machine's clock.
 */
export function now(): number {
  const time = Math.max(Date.now(), Math.floor(elapsed() + ahead))
  ahead = Math.max(time - elapsed(), ahead)
  return time
}

/**
 * Lets time go on from at least here, where the machine's clock is behind what has been written with it before.
 *
 * @param time milliseconds since 1970
 * @returns the milliseconds by which the clock is behind; 0 where it is not
 */
export function goOnFrom(time: number): number {
  const behind = Math.max(time - now(), 0)
  ahead += behind
  return behind
}

function elapsed(): number {
  return ORIGIN + performance.now()
}
