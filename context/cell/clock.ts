const ORIGIN = performance.timeOrigin

/** A cell's clock. Every part of a cell uses the same one: see {@link clockOf}. */
export class Clock {
  /** Milliseconds by which this clock is ahead of the machine's. */
  #ahead = 0

  /**
   * Milliseconds since 1970. Never goes back while the cell runs: a session that has expired must not come back to life
   * because somebody set the machine's clock.
   */
  now(): number {
    const time = Math.max(Date.now(), Math.floor(elapsed() + this.#ahead))
    this.#ahead = Math.max(time - elapsed(), this.#ahead)
    return time
  }

  /**
   * Moves the clock forward to a time, if it is behind.
   *
   * @param time milliseconds since 1970
   * @returns the milliseconds by which it was behind; 0 if it was not
   */
  advanceTo(time: number): number {
    const behind = Math.max(time - this.now(), 0)
    this.#ahead += behind
    return behind
  }
}

function elapsed(): number {
  return ORIGIN + performance.now()
}

/** The clock of the cell with this plasma. If the plasma is not a cell's, a new clock. */
export function clockOf(plasma: Organic.Plasma): Clock {
  return plasma.get({ type: 'Clock' })?.data ?? new Clock()
}
