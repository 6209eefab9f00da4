import { expect } from 'chai'
import { availableParallelism } from 'node:os'
import User from '../../../context/models/user'
import { PASSWORD_LENGTH, hashPassword, isOutdated, verifyPassword } from '../../../context/owners/passwords'
import { hashesDuring } from '../../support/hashes'
import { rejectionOf } from '../../support/rejection'

describe('passwords', () => {
  it('may have from 8 to at least 64 characters, and not endlessly many (OWASP ASVS 6.2.1, 6.2.9)', () => {
    expect(PASSWORD_LENGTH.min).to.equal(8)
    expect(PASSWORD_LENGTH.max).to.be.within(64, 4096)
  })

  it('are hashed with argon2id, 19 MiB and two passes (OWASP ASVS 11.4.2)', async () => {
    expect(await hashPassword('correct horse')).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22,}\$[\w+/]{43}$/)
  })

  it('have another hash each time', async () => {
    expect(await hashPassword('correct horse')).not.to.equal(await hashPassword('correct horse'))
  })

  it('are the ones that were hashed, to the character', async () => {
    const hash = await hashPassword('Correct Horsé ')
    expect(await verifyPassword(hash, 'Correct Horsé ')).to.equal(true)
    for (const other of ['Correct Horsé', 'correct horsé ', 'Correct Horse\u0301 ', ' Correct Horsé ', '']) {
      expect(await verifyPassword(hash, other), JSON.stringify(other)).to.equal(false)
    }
  })

  for (const hash of [null, undefined]) {
    it(`never match without a hash: ${String(hash)}`, async () => {
      for (const password of ['', 'null', 'undefined', 'correct horse']) {
        expect(await verifyPassword(hash, password)).to.equal(false)
      }
    })
  }

  for (const hash of ['', 'no hash', 'correct horse', '$argon2id$', '$2b$10$abcdefghijklmnopqrstuv']) {
    it(`are an error, which does not repeat them, with a hash that is none: "${hash}"`, async () => {
      const error = await rejectionOf(() => verifyPassword(hash, 'correct horse'))
      expect(error.message).to.equal('Decoding failed')
    })
  }

  it('are refused with 503 at once when too many wait, old or new ones, without a hash; the others are answered', async () => {
    const refused: unknown[] = []
    const answers: boolean[] = []
    const { started } = await hashesDuring(async () => {
      const all = Array.from({ length: 300 }, () =>
        verifyPassword(null, 'wrong horse').then(
          (answer) => answers.push(answer),
          (error: unknown) => refused.push(error),
        ),
      )
      expect(await rejectionOf(() => hashPassword('correct horse'))).to.include({ status: 503, code: 'TOO_BUSY' })
      expect(refused).to.have.length.within(90, 100)
      expect(answers).to.deep.equal([])
      await Promise.all(all)
    })
    expect(refused).to.have.length.within(90, 100)
    for (const problem of refused) expect(problem).to.include({ status: 503, code: 'TOO_BUSY', retryAfter: 5 })
    expect(answers).to.deep.equal(new Array(300 - refused.length).fill(false))
    expect(started).to.equal(answers.length)
    expect(await verifyPassword(await hashPassword('correct horse'), 'correct horse')).to.equal(true)
  })

  it('keep no more threads busy than leave one free, however many wait', async () => {
    const { started, most } = await hashesDuring(() => {
      const comparing = Array.from({ length: 10 }, () => verifyPassword(null, 'wrong horse'))
      const making = Array.from({ length: 10 }, () => hashPassword('correct horse'))
      return Promise.all([...comparing, ...making])
    })
    expect(started).to.equal(20)
    expect(most).to.equal(Math.min(availableParallelism(), 3))
  })

  it('that are too long, or none, are refused to whoever logs in before a hash is made (OWASP ASVS 6.2.9)', async () => {
    const tooLong = 'x'.repeat(PASSWORD_LENGTH.max + 1)
    for (const password of [
      tooLong,
      'x'.repeat(1_000_000),
      `${'x'.repeat(20)}\ud800`,
      12345678,
      [tooLong],
      { length: 8 },
      null,
    ]) {
      const { started } = await hashesDuring(async () => {
        expect(await rejectionOf(() => User.findByCredentials({ username: 'ada', password }))).to.include({
          status: 400,
        })
        expect(await rejectionOf(() => User.register({ username: 'ada', password }))).to.include({ status: 400 })
      })
      expect(started).to.equal(0)
    }
  })

  describe('have an outdated hash where it was made with', () => {
    const [salt, own] = ['c2FsdHNhbHRzYWx0c2FsdA', 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g']
    const hashes: [what: string, hash: string, isOld: boolean][] = [
      ["today's parameters: it has none", `$argon2id$v=19$m=19456,t=2,p=1$${salt}$${own}`, false],
      ['less memory', `$argon2id$v=19$m=4096,t=2,p=1$${salt}$${own}`, true],
      ['ten times the memory', `$argon2id$v=19$m=194560,t=2,p=1$${salt}$${own}`, true],
      ['one pass', `$argon2id$v=19$m=19456,t=1,p=1$${salt}$${own}`, true],
      ['more lanes', `$argon2id$v=19$m=19456,t=2,p=10$${salt}$${own}`, true],
      ['argon2i', `$argon2i$v=19$m=19456,t=2,p=1$${salt}$${own}`, true],
      ['an older version', `$argon2id$v=16$m=19456,t=2,p=1$${salt}$${own}`, true],
      ['bcrypt', '$2b$10$abcdefghijklmnopqrstuv', true],
    ]
    for (const [what, hash, isOld] of hashes) {
      it(`${what} (OWASP ASVS 11.4.2)`, () => {
        expect(isOutdated(hash)).to.equal(isOld)
      })
    }
  })
})
