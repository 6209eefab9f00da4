import { expect } from 'chai'
import { inspect } from 'node:util'
import User from '../../../context/models/user'
import { closeDatabase } from '../../../context/sql'
import type { Problem } from '../../../context/cell'
import { refused } from '../../support/called'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

describe('the credentials of a user', () => {
  before(openTestDatabase)
  after(closeDatabase)

  describe('are compared exactly as received', () => {
    const passwords: [what: string, own: string, others: string[]][] = [
      [
        'with spaces around',
        ' spaces around ',
        ['spaces around', ' spaces around', 'spaces around ', '  spaces around '],
      ],
      ['with case', 'Correct Horse', ['correct horse', 'CORRECT HORSE', 'Correct horse']],
      ['composed', 'caf\u00e9-caf\u00e9', ['cafe\u0301-cafe\u0301', 'cafe-cafe', 'CAF\u00c9-CAF\u00c9']],
      ['decomposed', 'cafe\u0301-cafe\u0301', ['caf\u00e9-caf\u00e9']],
      ['full-width', 'ｐａｓｓｗｏｒｄ', ['password']],
      ['with a NUL', 'password\0tail', ['password', 'password\0', 'password\0liat']],
      ['of 256 characters', 'x'.repeat(256), ['x'.repeat(255), `${'x'.repeat(255)}y`]],
      ['longer than 72 bytes', `${'x'.repeat(72)}tail`, ['x'.repeat(72), `${'x'.repeat(72)}liat`]],
      ['with a newline after', 'password\n', ['password', 'password\r\n']],
    ]
    for (const [what, own, others] of passwords) {
      it(`${what}: that password logs in, and none like it`, async () => {
        const { username } = newCredentials()
        const { id } = await User.register({ username, password: own })
        expect((await User.findByCredentials({ username, password: own }))?.id).to.equal(id)
        for (const password of others) {
          expect(await User.findByCredentials({ username, password }), inspect(password)).to.equal(undefined)
        }
      })
    }
  })

  it('name the user in whatever case', async () => {
    const { username, password } = newCredentials()
    await User.register({ username, password })
    expect((await User.findByCredentials({ username: username.toUpperCase(), password }))?.username).to.equal(username)
  })

  it('say whose name they have, right or wrong, and of nothing else', async () => {
    const { username, password } = newCredentials()
    const { id } = await User.register({ username, password })
    expect(await User.claimedId({ username: username.toUpperCase(), password: 'wrong' })).to.equal(id)
    for (const other of [
      {},
      null,
      undefined,
      'text',
      { username: [username] },
      { username: `${username}\0` },
      newCredentials(),
    ]) {
      expect(await User.claimedId(other), inspect(other)).to.equal(undefined)
    }
  })

  it('never take what SQL could mean', async () => {
    await User.register({ username: 'gabriel', password: 'correct horse battery' })
    for (const username of [`gabriel' --`, `' or 1=1 --`, '%', 'g%', '_______', 'gabriel"']) {
      expect(await User.findByCredentials({ username, password: 'correct horse battery' }), username).to.equal(
        undefined,
      )
    }
  })

  describe('of the wrong shape are refused with 400', () => {
    const secret = 'the-secret-value'
    const wrong: [what: string, credentials: unknown][] = [
      ['nothing', undefined],
      ['null', null],
      ['a text', secret],
      ['a list', [secret]],
      ['an empty object', {}],
      ['no password', { username: secret }],
      ['no username', { password: secret }],
      ['a password that is an object', { username: 'gabriel', password: { $ne: secret } }],
      ['a username that is an object', { username: { $gt: secret }, password: 'correct horse battery' }],
      ['a username that is a list', { username: [secret], password: 'correct horse battery' }],
      ['a username that is a number', { username: 7, password: secret }],
      ['a password that is a list', { username: 'gabriel', password: [secret] }],
      ['a password that is a number', { username: 'gabriel', password: 1234567890 }],
      ['a password that is true', { username: 'gabriel', password: true }],
      ['a password that is null', { username: secret, password: null }],
      ['a password of 257 characters', { username: 'gabriel', password: secret.padEnd(257, 'x') }],
      ['a username of 257 characters', { username: secret.padEnd(257, 'x'), password: 'correct horse battery' }],
      ['an unknown field', { username: 'gabriel', password: 'correct horse battery', [secret]: secret }],
      ['an id', { id: secret, username: 'gabriel', password: 'correct horse battery' }],
      [
        'a __proto__ of its own',
        JSON.parse(`{"__proto__":{},"username":"gabriel","password":"correct horse battery"}`),
      ],
    ]
    for (const [what, credentials] of wrong) {
      it(`${what}, without the values in the text`, async () => {
        const error = await refused((done) => User.findByCredentials(credentials, done))
        expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
        expect(inspect(error, { depth: null })).not.to.match(/the-secret-value|1234567890|correct horse/)
        const rejection = await rejectionOf<Problem>(() => User.findByCredentials(credentials))
        expect(rejection.code).to.equal('INVALID_CREDENTIALS_SHAPE')
      })
    }
  })

  it('of an unknown user take as long as a wrong password', async () => {
    const { username } = newCredentials()
    await User.register({ username, password: 'correct horse battery' })
    const times = { unknown: [] as number[], wrong: [] as number[] }
    const password = 'wrong horse battery'
    for (let round = 0; round < 15; round += 1) {
      times.unknown.push(await duration(() => User.findByCredentials({ username: 'nobody-here', password })))
      times.wrong.push(await duration(() => User.findByCredentials({ username, password })))
    }
    expect(median(times.unknown) / median(times.wrong)).to.be.within(0.5, 2)
  })

  describe('answered by a promise', () => {
    it('are the user, or nothing', async () => {
      const credentials = newCredentials()
      const { id } = await User.register(credentials)
      expect((await User.findByCredentials(credentials))?.id).to.equal(id)
      expect(await User.findByCredentials({ ...credentials, password: 'wrong horse battery' })).to.equal(undefined)
      expect((await User.findById(id))?.id).to.equal(id)
    })

    for (const id of [undefined, null, '', 0, {}, [], 'no-such-id', `' or 1=1 --`]) {
      it(`find nobody by the id ${inspect(id)}`, async () => {
        expect(await User.findById(id)).to.equal(undefined)
      })
    }
  })

  it('are an error, and nobody, while the database is closed', async () => {
    const credentials = newCredentials()
    const { id } = await User.register(credentials)
    await closeDatabase()
    try {
      const questions = [
        () => User.findByCredentials(credentials),
        () => User.findById(id),
        () => User.createOrUpdate({ id: 'remote', username: 'remote' }),
        () => User.register(newCredentials()),
      ]
      for (const question of questions) {
        expect(await rejectionOf(question)).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      }
      expect(await refused((done) => User.findById(id, done))).to.include({ status: 503 })
    } finally {
      await openTestDatabase()
    }
  })
})

async function duration(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
