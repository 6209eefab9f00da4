/** Limits the lines written per key and window, so that nobody can fill a disk. The rest are only counted. */
export class LineLimit<Facts> {
  readonly #lines: number
  readonly #milliseconds: number
  readonly #report: (facts: Facts | undefined, count: number) => void
  readonly #counts = new Map<string, { facts: Facts | undefined; written: number; omitted: number }>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param lines written per key and window
   * @param milliseconds length of a window, which begins with its first line
   * @param report called at the end of a window with the facts and the count of each key that lost lines; without facts for
   * the keys beyond {@link MAX_KEYS}, which are counted together
   */
  constructor(lines: number, milliseconds: number, report: (facts: Facts | undefined, count: number) => void) {
    this.#lines = lines
    this.#milliseconds = milliseconds
    this.#report = report
  }

  /** Counts a line. @returns whether it may be written */
  admit(key: string, facts: Facts): boolean {
    this.#timer ??= setTimeout(() => this.end(), this.#milliseconds).unref()
    const count = this.#countOf(key, facts)
    const isAdmitted = count.written < this.#lines
    if (isAdmitted) count.written += 1
    else count.omitted += 1
    return isAdmitted
  }

  /** Ends the window: reports what was left out, and resets all counts. */
  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const counts = [...this.#counts.values()]
    this.#counts.clear()
    for (const { facts, omitted } of counts) if (omitted > 0) this.#report(facts, omitted)
  }

  #countOf(key: string, facts: Facts): { written: number; omitted: number } {
    const isFull = this.#counts.size >= MAX_KEYS && !this.#counts.has(key)
    const own = isFull ? OTHER_KEYS : key
    const count = this.#counts.get(own) ?? { facts: isFull ? undefined : facts, written: 0, omitted: 0 }
    this.#counts.set(own, count)
    return count
  }
}

/** Keys counted separately in one window. All others are counted together. */
const MAX_KEYS = 10_000
const OTHER_KEYS = ''
