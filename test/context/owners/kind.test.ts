import { expect } from 'chai'
import { inspect } from 'node:util'
import { createOwnerKind, nameKeyOf, parseInput, passwordChange } from '../../../context/owners/kind'
import { PASSWORD } from '../../support/test-owners'

const kind = createOwnerKind('user', 'username')
const SECRET = 'the-secret-value'

/** The message for a refused value, or nothing. */
function faultOf(shape: 'credentials' | 'registration' | 'remote', value: unknown): string | undefined {
  try {
    parseInput<unknown>(kind[shape], value, 'username and password', (detail) => new Error(detail))
    return undefined
  } catch (error) {
    expect(inspect(error, { depth: null })).not.to.match(/the-secret-value|1234567890|correct horse/)
    return (error as Error).message
  }
}

/** Not an object with the expected fields, wherever it comes from. */
const MISSHAPEN: unknown[] = [undefined, null, SECRET, 7, [{ username: SECRET, password: PASSWORD }], {}]

describe('what clients and trust points send about an owner', () => {
  describe('as credentials', () => {
    it('may have a name and a password that nobody could register with', () => {
      for (const [username, password] of [
        ['-', ''],
        ['x'.repeat(256), 'x'.repeat(256)],
        [' a ', 'password'],
        ['', 'with\0NUL\n'],
      ])
        expect(faultOf('credentials', { username, password })).to.equal(undefined)
    })

    it('is refused in the wrong shape, with a message that does not repeat it', () => {
      for (const value of [
        ...MISSHAPEN,
        { username: SECRET },
        { password: SECRET },
        { username: 'gabriel', password: { $ne: SECRET } },
        { username: { $gt: SECRET }, password: PASSWORD },
        { username: [SECRET], password: PASSWORD },
        { username: 7, password: SECRET },
        { username: 'gabriel', password: 1234567890 },
        { username: SECRET, password: null },
        { username: 'gabriel', password: SECRET.padEnd(257, 'x') },
        { username: SECRET.padEnd(257, 'x'), password: PASSWORD },
        { username: 'gabriel\0', password: SECRET },
        { username: 'gabriel', password: `${SECRET}\ud800` },
        { username: 'gabriel', password: PASSWORD, [SECRET]: SECRET },
        JSON.parse(`{"__proto__":{},"username":"gabriel","password":"${SECRET}"}`),
      ])
        expect(faultOf('credentials', value), inspect(value)).to.be.a('string')
    })
  })

  describe('as a registration', () => {
    it('may have a password of any characters from 8 to 256 (OWASP ASVS 6.2.1, 6.2.5, 6.2.9)', () => {
      for (const password of ['x'.repeat(8), 'x'.repeat(256), ' '.repeat(8), 'парола-парола', 'tabs\tand\0NUL'])
        expect(faultOf('registration', { username: 'ß', password, name: 'Ada', email: 'a@b' })).to.equal(undefined)
      expect(faultOf('registration', { username: 'u'.repeat(64), password: PASSWORD })).to.equal(undefined)
    })

    const refused: [what: string, changes: object, message: string][] = [
      ['a password of 7 characters', { password: 'x'.repeat(7) }, 'password must have at least 8 characters.'],
      ['a password of 257 characters', { password: 'x'.repeat(257) }, 'password must have at most 256 characters.'],
      ['a common password', { password: 'PassWord1' }, 'password is one of the most common passwords.'],
      ['half a character in the password', { password: 'xxxxxxxx\ud800' }, 'password must be well-formed.'],
      ['a password that is a list', { password: ['x'.repeat(8)] }, 'password must be a string.'],
      ['a username of 65 characters', { username: 'u'.repeat(65) }, 'username must have at most 64 characters.'],
      ['an empty username', { username: '' }, 'username must not be empty.'],
      ['a newline in the username', { username: 'gabriel\nadmin' }, 'username must not have control characters.'],
      ['a NUL in the username', { username: 'gabriel\0' }, 'username must not have control characters.'],
      ['an escape in the username', { username: 'gab\u001b[31m' }, 'username must not have control characters.'],
      ['a right-to-left override', { username: 'gab\u202eriel' }, 'username must not have control characters.'],
      ['half a character in the username', { username: 'gab\ud800' }, 'username must not have control characters.'],
      ['a lookalike username', { username: 'аda' }, 'username must not mix scripts that look alike.'],
      ['a username that is an object', { username: { $ne: '' } }, 'username must be a string.'],
      ['a newline in the name', { name: 'Ada\n' }, 'name must not have control characters.'],
      ['an email of 255 characters', { email: 'x'.repeat(255) }, 'email must have at most 254 characters.'],
      ['an unknown field', { isAdmin: true }, 'There are fields that are not expected.'],
      ['an id', { id: 'chosen' }, 'There are fields that are not expected.'],
    ]
    for (const [what, changes, message] of refused) {
      it(`is refused with ${what}`, () => {
        expect(faultOf('registration', { username: 'ada', password: PASSWORD, ...changes })).to.equal(message)
      })
    }

    it('is refused in the wrong shape', () => {
      for (const value of MISSHAPEN)
        expect(faultOf('registration', value), inspect(value)).to.match(
          /^(An object with username and password is expected|username must be a string)\.$/,
        )
    })
  })

  describe("as a trust point's answer", () => {
    it('has its id kept as a string', () => {
      for (const [id, kept] of [
        [42, '42'],
        [0, '0'],
        [-7, '-7'],
        ['042', '042'],
        [Number.MAX_SAFE_INTEGER, '9007199254740991'],
      ] as const)
        expect(kind.remote.parse({ id, username: 'ada', name: null }).id).to.equal(kept)
    })

    it('is refused without an id and a name that can be kept', () => {
      const ids = [undefined, null, '', { $oid: 'x' }, ['x'], true, NaN, 1.5, Number.MAX_SAFE_INTEGER + 1]
      const names = [undefined, 7, '', 'line\nline', ' ada', 'x'.repeat(65)]
      for (const value of [
        ...MISSHAPEN,
        ...[...ids, 'x'.repeat(256), 'victim\0evil'].map((id) => ({ id, username: 'ada' })),
        ...names.map((username) => ({ id: '1', username })),
      ])
        expect(faultOf('remote', value), inspect(value)).to.be.a('string')
    })
  })

  it('as a password change has both passwords, and nothing else', () => {
    const given = { currentPassword: '', newPassword: PASSWORD }
    expect(passwordChange.safeParse(given).success).to.equal(true)
    for (const changes of [
      { newPassword: 'seven-7' },
      { newPassword: 'x'.repeat(257) },
      { newPassword: 'PASSWORD123' },
      { newPassword: undefined },
      { currentPassword: undefined },
      { currentPassword: { $ne: '' } },
      { username: 'x' },
    ])
      expect(passwordChange.safeParse({ ...given, ...changes }).success, inspect(changes)).to.equal(false)
  })
})

describe('the key of a name', () => {
  it('is the same for names that differ only in case or composition', () => {
    for (const [one, other] of [
      ['Taken-Case', 'tAKEN-cASE'],
      ['taken-wide', 'ｔａｋｅｎ-wide'],
      ['taken-office', 'taken-oﬃce'],
      ['caf\u00e9', 'cafe\u0301'],
      ['taken-k', 'taken-\u212a'],
    ] as const)
      expect(nameKeyOf(one)).to.equal(nameKeyOf(other))
  })
})
