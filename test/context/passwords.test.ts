import { expect } from 'chai'
import type { Problem } from '../../context/errors'
import { PASSWORD_LENGTH, hashPassword, verifyPassword } from '../../context/passwords'
import { rejectionOf } from '../support/rejection'

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

  it('are refused with 503 when too many wait already, and the others are answered', async () => {
    const all = await Promise.allSettled(Array.from({ length: 300 }, () => verifyPassword(null, 'wrong horse')))
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as Problem] : []))
    expect(refused).to.have.length.within(1, 150)
    for (const problem of refused) expect(problem).to.include({ status: 503, code: 'TOO_BUSY', retryAfter: 5 })
    for (const one of all) if (one.status === 'fulfilled') expect(one.value).to.equal(false)
    const hash = await hashPassword('correct horse')
    expect(await verifyPassword(hash, 'correct horse')).to.equal(true)
  })

  it('are refused as new ones too when too many wait already', async () => {
    const waiting = Array.from({ length: 250 }, () => verifyPassword(null, 'wrong horse').catch(() => false))
    expect(await rejectionOf(() => hashPassword('correct horse'))).to.include({ status: 503, code: 'TOO_BUSY' })
    await Promise.all(waiting)
  })
})
