import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell, type TestCell } from './cell'
import { ROOT } from './project'

/** The DNA of `_cluster` that is about Redis, on this server: the rest of that mode needs other servers. */
export function redisDnaOf(url: string, changes: object = {}): Record<string, object> {
  const [redis, sessions, throttle] = ['redis', 'express-sessions', 'throttle'].map((name) => {
    return JSON.parse(readFileSync(join(ROOT, `dna/_cluster/plasma/${name}.json`), 'utf8')) as object
  })
  const secret = 'not the COOKIE_SECRET of a real cell'
  return {
    redis: { ...redis, url, ...changes },
    'express-sessions': { ...sessions, secret },
    throttle: { ...throttle },
  }
}

/**
 * Starts a cell in this process that keeps sessions and counts in Redis.
 *
 * @param changes to the DNA of the redis organelle
 * @param dna other changes
 */
export function startRedisCell(url: string, changes: object = {}, dna: object = {}): Promise<TestCell> {
  return startTestCell({ ...dna, plasma: redisDnaOf(url, changes) })
}
