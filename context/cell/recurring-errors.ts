/** Kinds of errors that are counted separately. All others are counted together. */
const MAX_KINDS = 60
const OTHERS = 'other errors'

/**
 * Keeps an outage from filling the log: of errors that recur, the first is written as it is, and then one line per window
 * counts the others. A kind that does not recur for a window is new again.
 */
export class RecurringErrors {
  readonly #milliseconds: number
  readonly #report: (kind: string, count: number) => void
  /** How many of each kind have come since the last line about it. */
  readonly #counts = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  /**
   * @param milliseconds length of a window
   * @param report is called at the end of a window for each kind that has recurred in it
   */
  constructor(milliseconds: number, report: (kind: string, count: number) => void) {
    this.#milliseconds = milliseconds
    this.#report = report
  }

  /** Counts an error. @returns whether it is the first of its kind, and to be written */
  isFirst(kind: string): boolean {
    this.#timer ??= setInterval(() => this.#endWindow(), this.#milliseconds).unref()
    const isKnown = this.#counts.has(kind)
    if (!isKnown && this.#counts.size < MAX_KINDS) {
      this.#counts.set(kind, 0)
      return true
    }
    const counted = isKnown ? kind : OTHERS
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1)
    return false
  }

  /** Reports what has not been, and forgets all kinds. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const [kind, count] of this.#counts) if (count > 0) this.#report(kind, count)
    this.#counts.clear()
  }

  #endWindow(): void {
    for (const [kind, count] of [...this.#counts]) {
      if (count === 0) this.#counts.delete(kind)
      else {
        this.#counts.set(kind, 0)
        this.#report(kind, count)
      }
    }
    if (this.#counts.size === 0) this.end()
  }
}
