import { format } from 'node:util'

/** Keeps what the tests of this block log as errors from the console. @returns the lines of the test that runs */
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
