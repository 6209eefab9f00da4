import argon2 = require('@node-rs/argon2')

/** How many hashes were made or compared, and how many of them at the same time. */
export interface Hashes {
  started: number
  most: number
}

/**
 * Counts the hashes that are made and compared while `work` runs.
 *
 * @param beforeHash is waited for before a hash is made
 */
export async function hashesDuring(work: () => Promise<unknown>, beforeHash?: () => Promise<unknown>): Promise<Hashes> {
  const { hash, verify } = argon2
  const hashes: Hashes = { started: 0, most: 0 }
  let running = 0
  async function counted<T>(start: () => Promise<T>): Promise<T> {
    hashes.started += 1
    running += 1
    hashes.most = Math.max(hashes.most, running)
    try {
      return await start()
    } finally {
      running -= 1
    }
  }
  const counting: Pick<typeof argon2, 'hash' | 'verify'> = {
    hash: (...values) =>
      counted(async () => {
        await beforeHash?.()
        return hash(...values)
      }),
    verify: (...values) => counted(() => verify(...values)),
  }
  Object.assign(argon2, counting)
  try {
    await work()
  } finally {
    Object.assign(argon2, { hash, verify })
  }
  return hashes
}
