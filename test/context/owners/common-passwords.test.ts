import { expect } from 'chai'
import { isCommonPassword } from '../../../context/owners/common-passwords'
import { closeDatabase, database } from '../../../context/sql'
import User from '../../../context/models/user'
import { hashPassword } from '../../../context/owners/passwords'
import { newCredentials } from '../../support/client'
import { hashesDuring } from '../../support/hashes'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

const COMMON = [
  'password',
  '12345678',
  '123456789',
  'iloveyou',
  'sunshine',
  'football',
  'princess',
  'qwertyuiop',
  'password1',
  '1q2w3e4r',
  '11111111',
]
const OWN = [
  'correct horse battery',
  'password password',
  ' password',
  'password ',
  'p\u00e4ssword',
  'ｐａｓｓｗｏｒｄ',
  'xkqzvbwj',
  '',
  'constructor',
  '__proto__',
]

describe('common passwords (OWASP ASVS 6.2.4)', () => {
  before(openTestDatabase)
  after(closeDatabase)

  it('are those that are tried first, in whatever capitals', () => {
    for (const password of COMMON) {
      for (const written of [
        password,
        password.toUpperCase(),
        password.replace(/^./, (letter) => letter.toUpperCase()),
      ]) {
        expect(isCommonPassword(written), written).to.equal(true)
      }
    }
  })

  it('are none that only resemble them', () => {
    for (const password of OWN) expect(isCommonPassword(password), password).to.equal(false)
  })

  for (const password of ['password', 'PassWord1', '1Q2W3E4R']) {
    it(`are refused to who registers, before a hash is made: ${password}`, async () => {
      const { username } = newCredentials()
      const { started } = await hashesDuring(async () => {
        const error = await rejectionOf(() => User.register({ username, password }))
        const message = 'password is one of those that everybody tries first.'
        expect(error).to.include({ status: 400, code: 'INVALID_REGISTRATION', message })
      })
      expect(started).to.equal(0)
      expect(await database().selectFrom('owners').selectAll().where('own_name', '=', username).execute()).to.be.empty
    })
  }

  for (const password of ['aaaaaaaaa', 'zzzzzzzy', '90817263', 'ALLCAPITALS-', 'no digits no capitals']) {
    it(`are not told by their characters: whoever likes may have ${password} (OWASP ASVS 6.2.5)`, async () => {
      const { username } = newCredentials()
      expect(await User.register({ username, password })).to.include({ username })
    })
  }

  it('let in who has had one for long', async () => {
    const { username } = newCredentials()
    await database()
      .insertInto('owners')
      .values({ ...ownerRow(username), password_hash: await hashPassword('password') })
      .execute()
    expect(await User.findByCredentials({ username, password: 'password' })).to.include({ username })
  })
})
