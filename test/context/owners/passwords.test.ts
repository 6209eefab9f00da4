import { verify } from '@node-rs/argon2'
import { expect } from 'chai'
import { EventEmitter } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, getPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { EventBus } from '../../../context/cell/event-bus'
import { DUMMY_HASH, PASSWORD_LENGTH, PasswordHasher, isOutdated } from '../../../context/owners/passwords'
import { countHashes } from '../../support/hashes'
import { rejectionOf } from '../../support/rejection'
import { until } from '../../support/until'

describe('passwords', () => {
  const hasher = new PasswordHasher()

  it('have at least 8 characters, and may have at least 64 but not any number (OWASP ASVS 6.2.1, 6.2.9)', () => {
    expect(PASSWORD_LENGTH.min).to.equal(8)
    expect(PASSWORD_LENGTH.max).to.be.within(64, 4096)
  })

  it('are hashed with argon2id, 19 MiB, two passes and a salt (OWASP ASVS 11.4.2)', async () => {
    const [one, other] = [await hasher.hash('correct horse'), await hasher.hash('correct horse')]
    expect(one).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22,}\$[\w+/]{43}$/)
    expect(one).not.to.equal(other)
  })

  it('never match without a hash, and are compared all the same (OWASP ASVS 6.3.8)', async () => {
    const hashes = await countHashes(async () => {
      expect(await hasher.verify(null, 'null')).to.equal(false)
      expect(await hasher.verify(undefined, '')).to.equal(false)
    })
    expect(hashes).to.equal(2)
  })

  it('of unknown owners are compared with a real hash with the same parameters', async () => {
    expect(isOutdated(DUMMY_HASH)).to.equal(false)
    // Throws if it cannot be decoded.
    expect(await verify(DUMMY_HASH, 'correct horse')).to.equal(false)
  })

  it('are an error that does not repeat them if the hash cannot be decoded', async () => {
    for (const hash of ['', 'no hash', '$2b$10$abcdefghijklmnopqrstuv'])
      expect(await rejectionOf(() => hasher.verify(hash, 'correct horse'))).to.include({ message: 'Decoding failed' })
  })

  it('are refused with 503 if more than 200 wait, and all others are answered', async () => {
    const most = 200 + Math.min(availableParallelism(), 8)
    const hashes = await countHashes(async () => {
      const all = Array.from({ length: 300 }, () => hasher.verify('', 'x').catch((error: unknown) => error))
      expect(await rejectionOf(() => hasher.hash('correct horse'))).to.include({ status: 503, code: 'TOO_BUSY' })
      const answers = await Promise.all(all)
      for (const refused of answers.slice(most)) expect(refused).to.include({ code: 'TOO_BUSY', retryAfter: 5 })
      for (const answered of answers.slice(0, most)) expect(answered).to.include({ message: 'Decoding failed' })
    })
    expect(hashes).to.equal(most)
    // Each hasher has a queue of its own, which is free again.
    expect(await hasher.verify(null, 'correct horse')).to.equal(false)
  })

  it('are hashed on threads that have a lower priority than requests, and end with the cell', async function () {
    // Other systems have no priority per thread.
    if (process.platform !== 'linux') this.skip()
    const ownNiceness = getPriority()
    const findNiceThreads = (): string[] =>
      readdirSync('/proc/self/task').filter((thread) => {
        const file = `/proc/self/task/${thread}/stat`
        // It may have ended since.
        const status = existsSync(file) ? readFileSync(file, 'utf8') : ''
        return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[16]) > ownNiceness
      })
    // Other hashers have threads, too.
    const before = findNiceThreads()
    const plasma = new EventBus()
    const own = new PasswordHasher(plasma)
    await Promise.all(Array.from({ length: 20 }, () => own.verify(null, 'correct horse')))
    const threads = findNiceThreads().filter((thread) => !before.includes(thread))
    expect(threads).to.have.length.within(1, Math.min(availableParallelism(), 8))
    expect(getPriority()).to.equal(ownNiceness)
    await plasma.emit('killed')
    await until(() => !findNiceThreads().some((thread) => threads.includes(thread)))
  })

  it('are refused with 503 while the system gives no threads, and are hashed again when it does', async () => {
    const own = new PasswordHasher()
    const start = EventEmitter.prototype.on
    // As if each thread failed before it was ready.
    EventEmitter.prototype.on = function (type, listener) {
      if (this instanceof Worker && type === 'error') {
        setImmediate(() => this.emit('error', new Error('ERR_WORKER_INIT_FAILED')))
      }
      return start.call(this, type, listener)
    }
    try {
      const all = Array.from({ length: 20 }, () => rejectionOf(() => own.verify(null, 'correct horse')))
      for (const error of await Promise.all(all)) {
        expect(error).to.include({ status: 503, code: 'TOO_BUSY', retryAfter: 5 })
        expect(error.cause).to.have.property('message', 'ERR_WORKER_INIT_FAILED')
      }
    } finally {
      EventEmitter.prototype.on = start
    }
    expect([own.running, own.waiting]).to.deep.equal([0, 0])
    expect(await own.verify(null, 'correct horse')).to.equal(false)
  })

  it('have an outdated hash if it has other parameters (OWASP ASVS 11.4.2)', () => {
    const rest = 'c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'
    expect(isOutdated(`$argon2id$v=19$m=19456,t=2,p=1$${rest}`)).to.equal(false)
    for (const outdated of [
      `$argon2id$v=19$m=4096,t=2,p=1$${rest}`,
      `$argon2id$v=19$m=194560,t=2,p=1$${rest}`,
      `$argon2id$v=19$m=19456,t=1,p=1$${rest}`,
      `$argon2id$v=19$m=19456,t=2,p=10$${rest}`,
      `$argon2i$v=19$m=19456,t=2,p=1$${rest}`,
      `$argon2id$v=16$m=19456,t=2,p=1$${rest}`,
      '$2b$10$abcdefghijklmnopqrstuv',
    ])
      expect(isOutdated(outdated), outdated).to.equal(true)
  })
})
