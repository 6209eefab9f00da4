import { hash, type Options } from '@node-rs/argon2'
import { expect } from 'chai'
import { sql } from 'kysely'
import { closeDatabase, database, type OwnerRow } from '../../../context/sql'
import { Owners } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { hashesDuring } from '../../support/hashes'
import { ownerRow } from '../../support/owner-row'
import { openTestDatabase } from '../../support/test-database'
import { keepWarnings } from '../../support/warnings'

const TODAYS = '$argon2id$v=19$m=19456,t=2,p=1$'

describe("a password hash with other parameters than today's (OWASP ASVS 11.4.2)", () => {
  before(openTestDatabase)
  after(closeDatabase)
  const warnings = keepWarnings()

  const rowOf = (id: string): Promise<OwnerRow> =>
    database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  /** Somebody who registered when hashes were made otherwise. */
  async function oldUser(
    parameters: Options = { memoryCost: 8192, timeCost: 1 },
  ): Promise<{ row: OwnerRow; username: string; password: string }> {
    const credentials = newCredentials()
    const row = {
      ...ownerRow(credentials.username),
      password_hash: await hash(credentials.password, parameters),
      security_stamp: 'stamp',
    }
    await database().insertInto('owners').values(row).execute()
    return { row, ...credentials }
  }

  const others: [what: string, parameters: Options][] = [
    ['less memory', { memoryCost: 8192, timeCost: 2, parallelism: 1 }],
    ['more memory', { memoryCost: 32_768, timeCost: 2, parallelism: 1 }],
    ['fewer passes', { memoryCost: 19_456, timeCost: 1, parallelism: 1 }],
    ['more lanes', { memoryCost: 19_456, timeCost: 2, parallelism: 2 }],
  ]
  for (const [what, parameters] of others) {
    it(`is made anew at the next login, once, and the password stays: ${what}`, async () => {
      const { row, username, password } = await oldUser(parameters)
      expect(await User.findByCredentials({ username, password })).to.include({ id: row.id, securityStamp: 'stamp' })
      const renewed = await rowOf(row.id)
      expect(renewed.password_hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      // His sessions hold: it is the same password.
      expect(renewed).to.deep.equal({ ...row, password_hash: renewed.password_hash })
      expect(await User.findByCredentials({ username, password })).to.include({ id: row.id })
      expect(await User.findByCredentials({ username, password: 'wrong horse battery' })).to.equal(undefined)
      expect(await rowOf(row.id)).to.deep.equal(renewed)
    })
  }

  it("stays as it is where it has today's", async () => {
    const credentials = newCredentials()
    const { id } = await User.register(credentials)
    const before = await rowOf(id)
    expect(before.password_hash?.startsWith(TODAYS)).to.equal(true)
    const { started } = await hashesDuring(() => User.findByCredentials(credentials))
    expect(started).to.equal(1)
    expect(await rowOf(id)).to.deep.equal(before)
  })

  it('stays as it is at a login that fails', async () => {
    const { row, username } = await oldUser()
    for (const password of ['wrong horse battery', '', 'correct horse batter']) {
      expect(await User.findByCredentials({ username, password })).to.equal(undefined)
    }
    expect(await rowOf(row.id)).to.deep.equal(row)
  })

  it('stays as it is at a login of who is disabled', async () => {
    const { row, username, password } = await oldUser()
    await new Owners(User.kind).disable(username)
    expect(await User.findByCredentials({ username, password })).to.equal(undefined)
    expect((await rowOf(row.id)).password_hash).to.equal(row.password_hash)
  })

  it('does not come back where the password has been changed meanwhile', async () => {
    const { row, username, password } = await oldUser()
    const password_hash = await hash('an operator chose it')
    const changing = (): Promise<unknown> =>
      database().updateTable('owners').set({ password_hash }).where('id', '=', row.id).execute()
    const { started } = await hashesDuring(() => User.findByCredentials({ username, password }), changing)
    expect(started).to.equal(2)
    expect((await rowOf(row.id)).password_hash).to.equal(password_hash)
    expect(await User.findByCredentials({ username, password })).to.equal(undefined)
  })

  it('that cannot be renewed does not undo the login: there is a warning, without a secret', async () => {
    const { row, username, password } = await oldUser()
    await sql`create trigger kept before update on owners begin select raise(abort, 'the disk is full'); end`.execute(
      database(),
    )
    try {
      expect(await User.findByCredentials({ username, password })).to.include({ id: row.id })
    } finally {
      await sql`drop trigger kept`.execute(database())
    }
    expect(warnings).to.have.length(1)
    expect(warnings[0])
      .to.match(/^a password hash could not be renewed: /)
      .and.not.match(/argon2|horse/)
    expect(warnings[0]).not.to.include(username)
    expect(await rowOf(row.id)).to.deep.equal(row)
    await User.findByCredentials({ username, password })
    expect((await rowOf(row.id)).password_hash?.startsWith(TODAYS)).to.equal(true)
  })
})
