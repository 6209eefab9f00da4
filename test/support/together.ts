import { temporaryFolder } from './temporary-folder'
import { PATIENCE } from './until'

/** `go(round)` returns when all have called it. It waits without a pause: they go on within microseconds. */
const GO = `
function go(round) {
  const { writeFileSync, existsSync } = require('node:fs')
  const { TOGETHER, PART, PARTS } = process.env
  const deadline = Date.now() + ${PATIENCE}
  writeFileSync(TOGETHER + '/' + round + '.' + PART, '')
  for (let part = 0; part < Number(PARTS); part += 1) {
    while (!existsSync(TOGETHER + '/' + round + '.' + part)) {
      if (Date.now() > deadline) throw new Error('the others have not come to round ' + round)
    }
  }
}`

/**
 * Runs a script several times at once.
 *
 * @param code JavaScript that calls `go(round)` before whatever is to happen at the same time in all of them
 * @param run runs it with this environment
 */
export function together<T>(
  count: number,
  code: string,
  run: (code: string, env: Record<string, string>) => Promise<T>,
): Promise<T[]> {
  const common = { TOGETHER: temporaryFolder(), PARTS: String(count) }
  return Promise.all(
    Array.from({ length: count }, (_, part) => run(`${GO}\n${code}`, { ...common, PART: String(part) })),
  )
}
