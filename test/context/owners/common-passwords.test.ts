import { expect } from 'chai'
import { isCommonPassword } from '../../../context/owners/common-passwords'

describe('common passwords (OWASP ASVS 6.2.4)', () => {
  it('are recognized in any case', () => {
    for (const password of ['password', '12345678', 'iloveyou', 'qwertyuiop', 'password1', '1q2w3e4r', '11111111']) {
      for (const written of [password, password.toUpperCase(), password.replace(/^./, (first) => first.toUpperCase())])
        expect(isCommonPassword(written), written).to.equal(true)
    }
  })

  it('are not what only resembles them, or has only certain characters (OWASP ASVS 6.2.5)', () => {
    const resembling = [
      'password password',
      ' password',
      'p\u00e4ssword',
      'ｐａｓｓｗｏｒｄ',
      'constructor',
      '__proto__',
    ]
    for (const password of [...resembling, 'aaaaaaaaa', '90817263', 'ALLCAPITALS-', '        ', ''])
      expect(isCommonPassword(password), password).to.equal(false)
  })
})
