import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import User from '../../../context/models/user'
import { closeDatabase, database } from '../../../context/sql'
import type { Problem } from '../../../context/cell'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

/** Names that people would take for others, or a program for something else. */
const LOOKALIKES: [what: string, name: string][] = [
  ['that begins with -', '--all'],
  ['that begins with a full-width -', '－－all'],
  ['with two spaces in a row', 'ada  lovelace'],
  ['with an em space', 'ada\u2003lovelace'],
  ['with an ideographic space', 'ada\u3000lovelace'],
  ['with another dash', 'ada\u2010lovelace'],
  ['with another underscore', 'ada\u203flovelace'],
  ['with a middle dot', 'ada\u00b7lovelace'],
  ['with a letter that looks like an apostrophe', 'o\u02bcbrien'],
  ['with a letter that looks like an exclamation mark', 'ada\u01c3'],
  ['with a letter that looks like a colon', 'ada\u02d0lovelace'],
  ['with a Han stroke that looks like an l', 'a\u4e28ice'],
  ['with a Han zero that looks like an o', 'b\u3007b'],
  ['with a soft hyphen', 'a\u00adda'],
  ['with a combining grapheme joiner', 'a\u034fda'],
  ['with a Hangul filler', 'ada\u3164'],
  ['with a variation selector', 'ada\ufe0f'],
  ['with a zero-width joiner', 'a\u200dda'],
  ['with one Cyrillic letter', 'аda'],
  ['with one Greek letter', 'adο'],
  ['with a Bengali digit', 'ada৪'],
  ['of Cyrillic letters that look Latin', 'Соре'],
  ['of Cyrillic letters with marks that look Latin', 'ёо'],
  ['of Greek letters that look Latin', 'ΝΟΤΑ'],
  ['in Cherokee', 'ᎪᎠᎪ'],
  ['with phonetic letters', 'ɑdɑ'],
  ['that begins with a mark', '\u0301ada'],
  ['with a mark twice', 'ada\u0301\u0301'],
  ['with marks piled up', 'ada\u0300\u0301\u0302\u0303\u0304'],
  ['with a second dot on an i', 'i\u0307da'],
]

describe('the registration of a user', () => {
  let file: string

  before(async () => {
    file = await openTestDatabase()
  })
  after(closeDatabase)

  const name = (): string => newCredentials().username
  const password = 'correct horse battery'

  describe('accepts', () => {
    const accepted: [what: string, registration: () => unknown][] = [
      ['a password of 8 characters', () => ({ username: name(), password: 'x'.repeat(8) })],
      ['a password of 64 characters', () => ({ username: name(), password: 'x'.repeat(64) })],
      ['a password of 256 characters', () => ({ username: name(), password: 'x'.repeat(256) })],
      ['a password of one repeated space', () => ({ username: name(), password: ' '.repeat(8) })],
      ['a password in another script', () => ({ username: name(), password: 'парола-парола' })],
      ['a username of one character', () => ({ username: 'ß', password })],
      ['a username of 64 characters', () => ({ username: 'u'.repeat(64), password })],
      ['a username with a space inside', () => ({ username: `${name()} jr`, password })],
      ['a username called __proto__', () => ({ username: '__proto__', password })],
      ...[
        'Łukasz Żak',
        'Nguyễn Thị Ánh',
        'Işık',
        'İlker',
        "O'Brien",
        'добрыня',
        'ελένη',
        'שָׁלוֹם',
        'مُحَمَّد',
        'किरण',
        '山田たろう',
        'サトウ Ken',
        '李Lee',
        '김Kim',
      ].map((username): [string, () => unknown] => [`the username ${username}`, () => ({ username, password })]),
    ]
    for (const [what, registration] of accepted) {
      it(what, async () => {
        const user = await User.register(registration())
        expect(user.id).to.match(/^[0-9a-f-]{36}$/)
      })
    }
  })

  describe('refuses with 400', () => {
    const refused: [what: string, registration: unknown][] = [
      ['nothing', undefined],
      ['null', null],
      ['a text', 'username=x&password=y'],
      ['a number', 7],
      ['a list', [{ username: 'a-list', password }]],
      ['an empty object', {}],
      ['no username', { password }],
      ['no password', { username: 'no-password' }],
      ['a username that is a number', { username: 7, password }],
      ['a username that is a list', { username: ['a-list'], password }],
      ['a username that is an object', { username: { $ne: '' }, password }],
      ['a username that is null', { username: null, password }],
      ['an empty username', { username: '', password }],
      ['a username of 65 characters', { username: 'u'.repeat(65), password }],
      ['a username with a space before', { username: ' gabriel', password }],
      ['a username with a space after', { username: 'gabriel ', password }],
      ['a username with a no-break space after', { username: 'gabriel\u00a0', password }],
      ['a username of spaces', { username: '   ', password }],
      ['a username with a newline', { username: 'gabriel\nadmin', password }],
      ['a username that ends with a newline', { username: 'gabriel\n', password }],
      ['a username with a NUL', { username: 'gabriel\0', password }],
      ['a username with an escape character', { username: 'gab\u001b[31mriel', password }],
      ['a username with a zero-width character', { username: 'gab\u200briel', password }],
      ['a username with a right-to-left override', { username: 'gab\u202eriel', password }],
      ...LOOKALIKES.map(([what, username]): [string, unknown] => [`a username ${what}`, { username, password }]),
      ['a username with half a surrogate pair', { username: 'gab\ud800riel', password }],
      ['a password that is a number', { username: 'mistyped', password: 1234567890 }],
      ['a password that is an object', { username: 'mistyped', password: { $ne: '' } }],
      ['a password that is a list', { username: 'mistyped', password: ['x'.repeat(8)] }],
      ['a password that is null', { username: 'mistyped', password: null }],
      ['an empty password', { username: 'short', password: '' }],
      ['a password of 7 characters', { username: 'short', password: 'x'.repeat(7) }],
      ['a password of 257 characters', { username: 'long', password: 'x'.repeat(257) }],
      ['a password of a megabyte', { username: 'long', password: 'x'.repeat(1_000_000) }],
      ['an unknown field', { username: 'admin', password, isAdmin: true }],
      ['an id', { id: 'chosen', username: 'chosen', password }],
      ['a __proto__ of its own', JSON.parse(`{"__proto__":{"x":1},"username":"proto","password":"${password}"}`)],
    ]
    for (const [what, registration] of refused) {
      it(what, async () => {
        const before = await countUsers()
        const error = await rejectionOf<Problem>(() => User.register(registration))
        expect(error).to.include({ status: 400, code: 'INVALID_REGISTRATION' })
        expect(error.message).to.be.a('string').and.match(/\.$/).and.have.lengthOf.below(120)
        expect(await countUsers()).to.equal(before)
      })
    }

    it('and says nothing of the values in it', async () => {
      const error = await rejectionOf(() =>
        User.register({ username: 'a-name\n', password: 'short', 'a-field': 'a-value' }),
      )
      expect(inspect(error)).not.to.match(/a-name|"short"|a-field|a-value/)
    })
  })

  describe('of a name that is taken', () => {
    const pairs: [what: string, taken: string, asked: string][] = [
      ['the same', 'taken-same', 'taken-same'],
      ['in other case', 'Taken-Case', 'tAKEN-cASE'],
      ['in full-width letters', 'taken-wide', 'ｔａｋｅｎ-wide'],
      ['with a ligature', 'taken-office', 'taken-oﬃce'],
      ['composed otherwise', 'taken-caf\u00e9', 'taken-cafe\u0301'],
      ['with the Kelvin sign', 'taken-k', 'taken-\u212a'],
    ]
    for (const [what, taken, asked] of pairs) {
      it(`is refused with 409: ${what}`, async () => {
        await User.register({ username: taken, password })
        const error = await rejectionOf(() => User.register({ username: asked, password: 'another password' }))
        expect(error).to.include({ status: 409, code: 'USERNAME_TAKEN' })
        expect(error.message).not.to.include(asked)
        expect(await User.findByCredentials({ username: asked, password: 'another password' })).to.equal(undefined)
      })
    }

    for (const count of [2, 20]) {
      it(`lets exactly one of ${String(count)} have it when they register at once`, async () => {
        const username = name()
        const all = await Promise.allSettled(
          Array.from({ length: count }, (_, i) => User.register({ username, password: `password-${String(i)}` })),
        )
        const refused = all.flatMap((one) => (one.status === 'rejected' ? [one.reason as Problem] : []))
        expect(refused.map(({ code }) => code)).to.deep.equal(Array(count - 1).fill('USERNAME_TAKEN'))
        const winner = all.findIndex((one) => one.status === 'fulfilled')
        expect(await User.findByCredentials({ username, password: `password-${String(winner)}` })).to.include({
          username,
        })
      })
    }
  })

  describe('keeps', () => {
    it('an argon2id hash with 19 MiB, two passes and one lane', async () => {
      const { id } = await User.register(newCredentials())
      const row = await database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
      expect(row.password_hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22,}\$[\w+/]{43}$/)
    })

    it('the password in no file of the database, as it is or encoded', async () => {
      const credentials = { username: name(), password: `unmistakable-${crypto.randomUUID()}` }
      await User.register(credentials)
      await User.findByCredentials(credentials)
      const files = readdirSync(dirname(file))
      expect(files).to.include.members(['cell.db', 'cell.db-wal'])
      const bytes = Buffer.concat(files.map((name) => readFileSync(join(dirname(file), name))))
      expect(bytes.includes(credentials.username)).to.equal(true)
      for (const encoding of ['utf8', 'base64', 'hex', 'utf16le'] as const) {
        const encoded = Buffer.from(credentials.password).toString(encoding).replace(/=+$/, '')
        expect(bytes.includes(encoded), encoding).to.equal(false)
      }
    })

    it('the hash out of what others may see of a user (OWASP ASVS 15.3.1)', async () => {
      const credentials = newCredentials()
      const registered = await User.register(credentials)
      const users = [registered, await User.findByCredentials(credentials), await User.findById(registered.id)]
      for (const user of users) {
        expect(JSON.parse(JSON.stringify(user))).to.deep.equal({ id: registered.id, username: credentials.username })
        expect(inspect(user, { depth: null, showHidden: true })).not.to.match(/argon2|hash|correct horse/)
      }
    })
  })
})

async function countUsers(): Promise<number> {
  return (await database().selectFrom('owners').select('id').execute()).length
}
