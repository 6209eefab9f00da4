import { Piscina } from 'piscina'

/**
 * Counts the hashes that are made and compared while `work` runs.
 *
 * @param beforeHash is waited for before a hash is made
 */
export async function hashesDuring(
  work: () => Promise<unknown>,
  beforeHash?: () => Promise<unknown>,
): Promise<{ started: number }> {
  const { run } = Piscina.prototype
  const hashes = { started: 0 }
  Piscina.prototype.run = async function (this: Piscina, task: object, ...rest) {
    hashes.started += 1
    if (!('passwordHash' in task)) await beforeHash?.()
    return run.call(this, task, ...rest) as Promise<unknown>
  }
  try {
    await work()
  } finally {
    Piscina.prototype.run = run
  }
  return hashes
}
