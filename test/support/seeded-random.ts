/** Chance that is the same again for the same seed: mulberry32. */
export class SeededRandom {
  #state: number

  /** @param seed a whole number, of which 32 bits count */
  constructor(readonly seed: number) {
    this.#state = seed
  }

  /** @returns at least 0 and less than 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** @returns a whole number that is at least 0 and less than the limit */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  one<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0]
  }
}

/** The first seed of a run; each interleaving adds one. `SEED=123 npx mocha …` begins with one that is known. */
export const FIRST_SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)

/** Works that are under way at once. */
const LANES = 4

/**
 * Repeats work with a seed of its own each time.
 *
 * @returns what it gives, in the order of the seeds
 */
export async function withSeeds<T>(count: number, work: (random: SeededRandom) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++)
      results[index] = await work(new SeededRandom(FIRST_SEED + index))
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return results
}

/** Waits for so many milliseconds. */
export function pause(milliseconds: number): Promise<unknown> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
