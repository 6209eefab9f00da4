import { expect } from 'chai'
import { inspect } from 'node:util'
import { parseInput } from '../../../context/owners/input'
import { createOwnerKind } from '../../../context/owners/kind'
import { nameKeyOf } from '../../../context/owners/name-key'
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
      for (const username of ['-', 'x'.repeat(256), ' a ', ''])
        for (const password of ['', 'password', 'with\0NUL\n', 'x'.repeat(256)])
          expect(faultOf('credentials', { username, password })).to.equal(undefined)
    })

    it('is refused in the wrong shape, with a message that does not repeat it', () => {
      const names = [undefined, { $gt: SECRET }, [SECRET], 7, SECRET.padEnd(257, 'x'), `${SECRET}\0`]
      const passwords = [undefined, null, { $ne: SECRET }, 1234567890, SECRET.padEnd(257, 'x'), `${SECRET}\ud800`]
      for (const value of [
        ...MISSHAPEN,
        ...names.map((username) => ({ username, password: PASSWORD })),
        ...passwords.map((password) => ({ username: 'gabriel', password })),
        { username: 'gabriel', password: PASSWORD, [SECRET]: SECRET },
        JSON.parse(`{"__proto__":{},"username":"gabriel","password":"${SECRET}"}`),
      ])
        expect(faultOf('credentials', value), inspect(value)).to.be.a('string')
    })
  })

  describe('as a registration', () => {
    it('may have a password of any characters from 8 to 256 (OWASP ASVS 6.2.1, 6.2.5, 6.2.9)', () => {
      for (const password of ['x'.repeat(8), 'x'.repeat(256), ' '.repeat(8), 'парола-парола', 'tabs\tand\0NUL'])
        for (const username of ['ß', 'u'.repeat(64)])
          expect(faultOf('registration', { username, password, name: 'Ada', email: 'a@b' })).to.equal(undefined)
    })

    const controls = 'username must not have control characters.'
    const refused: [changes: object, message: string][] = [
      [{ password: 'x'.repeat(7) }, 'password must have at least 8 characters.'],
      [{ password: 'x'.repeat(257) }, 'password must have at most 256 characters.'],
      [{ password: 'PassWord1' }, 'password is one of the most common passwords.'],
      [{ password: 'xxxxxxxx\ud800' }, 'password must be well-formed.'],
      [{ password: ['x'.repeat(8)] }, 'password must be a string.'],
      [{ username: 'u'.repeat(65) }, 'username must have at most 64 characters.'],
      [{ username: '' }, 'username must not be empty.'],
      ...['gabriel\nadmin', 'gabriel\0', 'gab\u001b[31m', 'gab\u202eriel', 'gab\ud800'].map(
        (username): [object, string] => [{ username }, controls],
      ),
      [{ username: 'аda' }, 'username must not mix scripts that look alike.'],
      [{ username: { $ne: '' } }, 'username must be a string.'],
      [{ name: 'Ada\n' }, 'name must not have control characters.'],
      [{ email: 'x'.repeat(255) }, 'email must have at most 254 characters.'],
      [{ isAdmin: true }, 'There are unexpected fields.'],
      [{ id: 'chosen' }, 'There are unexpected fields.'],
    ]
    it('is refused with a message about the first field at fault', () => {
      for (const [changes, message] of refused)
        expect(faultOf('registration', { username: 'ada', password: PASSWORD, ...changes })).to.equal(message)
      for (const value of MISSHAPEN) expect(faultOf('registration', value), inspect(value)).to.be.a('string')
    })
  })

  describe("as a trust point's answer", () => {
    it('has its id kept as a string', () => {
      for (const id of [42, 0, -7, '042', Number.MAX_SAFE_INTEGER])
        expect(kind.remote.parse({ id, username: 'ada', name: null }).id).to.equal(String(id))
    })

    it('is refused without an id and a name that can be kept', () => {
      const ids = [undefined, null, '', { $oid: 'x' }, ['x'], true, NaN, Number.MAX_SAFE_INTEGER + 1, 'x'.repeat(256)]
      const names = [undefined, 7, '', 'line\nline', ' ada', 'x'.repeat(65)]
      for (const value of [
        ...MISSHAPEN,
        ...[...ids, 'victim\0evil'].map((id) => ({ id, username: 'ada' })),
        ...names.map((username) => ({ id: '1', username })),
      ])
        expect(faultOf('remote', value), inspect(value)).to.be.a('string')
    })
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
