/** Bounds what is written of one cause, so that nobody fills a disk: the rest of a window is counted, not written. */
export class LineLimit<Facts> {
  readonly #lines: number
  readonly #milliseconds: number
  readonly #report: (facts: Facts | undefined, count: number) => void
  readonly #counts = new Map<string, { facts: Facts | undefined; written: number; omitted: number }>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param lines of one key that are written in a window
   * @param milliseconds that a window lasts, from its first line on
   * @param report is told at the end of a window what was left out of each key: without facts, of many keys together
   */
  constructor(lines: number, milliseconds: number, report: (facts: Facts | undefined, count: number) => void) {
    this.#lines = lines
    this.#milliseconds = milliseconds
    this.#report = report
  }

  /** Counts a line. @returns whether it may be written */
  admit(key: string, facts: Facts): boolean {
    this.#timer ??= setTimeout(() => {
      this.end()
    }, this.#milliseconds).unref()
    const count = this.#countOf(key, facts)
    const isAdmitted = count.written < this.#lines
    if (isAdmitted) count.written += 1
    else count.omitted += 1
    return isAdmitted
  }

  /** Ends the window: reports what was left out, and starts again from nothing. */
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

/** Keys that are counted apart in one window: all others are counted together. */
const MAX_KEYS = 10_000
const OTHER_KEYS = ''
