import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import type { Problem } from '../../../context/cell'
import { newCredentials } from '../../support/client'
import { countHashes } from '../../support/hashes'
import { rejectionOf } from '../../support/rejection'
import { TestOwners } from '../../support/test-owners'

describe('the registration of a user', () => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open()
  })
  after(() => owners.close())

  it('keeps the password as a hash only, in no file as it is or encoded (OWASP ASVS 11.4.2)', async () => {
    const credentials = { ...newCredentials(), password: `unmistakable-${crypto.randomUUID()}` }
    const { id } = await owners.users.register(credentials)
    const row = await owners.findRow(id)
    expect(row?.password_hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22,}\$[\w+/]{43}$/)
    expect(await owners.users.findByCredentials(credentials)).to.include({ id })
    const folder = dirname(owners.file)
    const bytes = Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))))
    expect(bytes.includes(credentials.username)).to.equal(true)
    for (const encoding of ['utf8', 'base64', 'hex', 'utf16le'] as const) {
      const encoded = Buffer.from(credentials.password).toString(encoding).replace(/=+$/, '')
      expect(bytes.includes(encoded), encoding).to.equal(false)
    }
  })

  it('shows nobody the hash (OWASP ASVS 15.3.1)', async () => {
    const profile = { name: 'Ada Lovelace', email: 'ada@example.org' }
    const { username, password } = newCredentials()
    const registered = await owners.users.register({ username, password, ...profile })
    for (const user of [registered, await owners.users.findById(registered.id)]) {
      expect(JSON.parse(JSON.stringify(user))).to.deep.equal({ id: registered.id, username, ...profile })
      expect(inspect(user, { depth: null, showHidden: true })).not.to.match(/argon2|hash|correct horse/)
    }
  })

  it('is refused with 400, before anything is hashed, if it is invalid (OWASP ASVS 6.2.4)', async () => {
    const before = await owners.allRows()
    const hashes = await countHashes(async () => {
      for (const password of ['Password123', 'x'.repeat(1_000_000), null]) {
        const error = await rejectionOf(() => owners.users.register({ username: 'ada', password }))
        expect(error).to.include({ status: 400, code: 'INVALID_REGISTRATION' })
      }
    })
    expect(hashes).to.equal(0)
    expect(await owners.allRows()).to.deep.equal(before)
  })

  it('is refused with 409 if the name is taken, in any case or composition', async () => {
    const { username } = await owners.addUser()
    const before = await owners.allRows()
    for (const taken of [username, username.toUpperCase(), username.replace('user', 'ｕｓｅｒ')]) {
      const error = await rejectionOf(() => owners.users.register({ username: taken, password: 'another password' }))
      expect(error).to.include({ status: 409, code: 'USERNAME_TAKEN' })
      expect(error.message).not.to.include(taken)
    }
    expect(await owners.allRows()).to.deep.equal(before)
  })

  it('gives a name to exactly one of several who register at once', async () => {
    const { username } = newCredentials()
    const all = await Promise.allSettled(
      Array.from({ length: 3 }, (_, i) => owners.users.register({ username, password: `password-${String(i)}` })),
    )
    const refused = all.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Problem).code] : []))
    expect(refused).to.deep.equal(Array(2).fill('USERNAME_TAKEN'))
    const winner = all.findIndex((one) => one.status === 'fulfilled')
    const credentials = { username, password: `password-${String(winner)}` }
    expect(await owners.users.findByCredentials(credentials)).to.include({ username })
  })
})
