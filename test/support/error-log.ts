import { format } from 'node:util'

/** Captures what the tests of a block print with `console.error`. @returns the lines of the current test */
export function keepErrorLog(): string[] {
  const lines: string[] = []
  const original = console.error
  beforeEach(() => {
    lines.length = 0
    console.error = (...values: unknown[]) => {
      lines.push(format(...values))
    }
  })
  afterEach(() => {
    console.error = original
  })
  return lines
}
