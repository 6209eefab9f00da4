import { Piscina } from 'piscina'

/**
 * Counts the hashes that are made and compared while `work` runs.
 *
 * @param beforeHash delays each new hash until it resolves
 */
export async function countHashes(work: () => Promise<unknown>, beforeHash?: () => Promise<unknown>): Promise<number> {
  const { run } = Piscina.prototype
  let count = 0
  Piscina.prototype.run = async function (this: Piscina, task: object, ...rest) {
    count += 1
    if (!('passwordHash' in task)) await beforeHash?.()
    return run.call(this, task, ...rest) as Promise<unknown>
  }
  try {
    await work()
  } finally {
    Piscina.prototype.run = run
  }
  return count
}
