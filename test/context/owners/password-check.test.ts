import { hash, type Options } from '@node-rs/argon2'
import { expect } from 'chai'
import { sql } from 'kysely'
import { inspect } from 'node:util'
import { isOutdated } from '../../../context/owners/passwords'
import type { OwnerRow } from '../../../context/sql'
import { refused } from '../../support/called'
import { newCredentials } from '../../support/client'
import { countHashes } from '../../support/hashes'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'
import { keepWarnings } from '../../support/warnings'

const WRONG = 'wrong horse battery'

describe('the credentials of a user', () => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open()
  })
  after(() => owners.close())

  const findByCredentials = (username: string, password: string): Promise<unknown> =>
    owners.users.findByCredentials({ username, password })

  it('have a password that is compared exactly as received (OWASP ASVS 6.2.8)', async () => {
    for (const [password, ...others] of [
      [' caf\u00e9-CAF\u00e9 ', 'caf\u00e9-CAF\u00e9', ' cafe\u0301-CAFe\u0301 ', ' caf\u00e9-caf\u00e9 '],
      ['password\0tail', 'password', 'password\0liat'],
      [`${'x'.repeat(72)}tail`, 'x'.repeat(72)],
    ] as const) {
      const { username } = newCredentials()
      const { id } = await owners.users.register({ username, password })
      expect(await findByCredentials(username, password)).to.include({ id })
      for (const other of others) expect(await findByCredentials(username, other), inspect(other)).to.equal(undefined)
    }
  })

  it('name the user in any case, and never with what SQL could mean', async () => {
    await owners.addUser({ own_name: 'gabriel', name_key: 'gabriel' })
    expect(await findByCredentials('GABRIEL', PASSWORD)).to.include({ username: 'gabriel' })
    for (const name of [`gabriel' --`, `' or 1=1 --`, '%', '_______'])
      expect(await findByCredentials(name, PASSWORD), name).to.equal(undefined)
  })

  it('that are unknown, wrong or disabled take one hash each (OWASP ASVS 6.3.8, 7.4.2)', async () => {
    const [{ username }, disabled] = [await owners.addUser(), await owners.addUser({ disabled_at: 1 })]
    for (const [name, password] of [
      ['nobody', PASSWORD],
      [username, WRONG],
      [disabled.username, PASSWORD],
    ] as const) {
      const hashes = await countHashes(async () => {
        expect(await findByCredentials(name, password)).to.equal(undefined)
      })
      expect(hashes, name).to.equal(1)
    }
    expect(await owners.users.findById(disabled.id)).to.equal(undefined)
  })

  it('show audit logs whose name they have, wrong or disabled', async () => {
    const { id, username } = await owners.addUser({ disabled_at: 1 })
    expect(await owners.users.claimedId({ username: username.toUpperCase(), password: WRONG })).to.equal(id)
    for (const other of [{}, null, 'a string', { username: [username] }, { username: `${username}\0` }])
      expect(await owners.users.claimedId(other), inspect(other)).to.equal(undefined)
  })

  it('are refused with 400 in the wrong shape, before anything is hashed', async () => {
    const hashes = await countHashes(async () => {
      for (const password of ['x'.repeat(1_000_000), `${PASSWORD}\ud800`, { $ne: '' }, null, undefined]) {
        const error = await refused((done) => owners.users.findByCredentials({ username: 'gabriel', password }, done))
        expect(error).to.include({ status: 400, code: 'INVALID_CREDENTIALS_SHAPE' })
      }
      expect(await rejectionOf(() => owners.users.findByCredentials(null))).to.include({ status: 400 })
    })
    expect(hashes).to.equal(0)
  })

  it('under other names may be those of a trust point, which is asked next', async () => {
    for (const others of [{ email: 'ada@example.org', password: PASSWORD }, { appname: 'ada' }])
      expect(await owners.users.findByCredentials(others)).to.equal(undefined)
    for (const others of [{ password: PASSWORD }, { email: 'x'.repeat(257) }, { email: { $ne: '' } }, {}])
      expect(await rejectionOf(() => owners.users.findByCredentials(others))).to.include({ status: 400 })
  })

  it('are an error, and not "nobody", while the database is closed', async () => {
    const closed = await TestOwners.open()
    const { users } = closed
    const { id, username } = await closed.addUser()
    await users.findById(id)
    await closed.close()
    for (const work of [
      () => users.findByCredentials({ username, password: PASSWORD }),
      () => users.findById(id),
      () => users.createOrUpdate({ id: 'remote', username: 'remote' }),
      () => users.register(newCredentials()),
    ])
      expect(await rejectionOf(work)).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    expect(await refused((done) => users.findById(id, done))).to.include({ status: 503 })
  })

  describe("whose password hash has other parameters than today's (OWASP ASVS 11.4.2)", () => {
    const warnings = keepWarnings()

    async function addOldUser(parameters: Options): Promise<{ row: OwnerRow; username: string }> {
      const { id, username } = await owners.addUser({ password_hash: await hash(PASSWORD, parameters) })
      return { row: (await owners.findRow(id)) as OwnerRow, username }
    }
    const CHEAP = { memoryCost: 8192, timeCost: 1 }

    it('renew it at the next login, once, and nothing else', async () => {
      for (const parameters of [CHEAP, { memoryCost: 32_768, timeCost: 2 }]) {
        const { row, username } = await addOldUser(parameters)
        await findByCredentials(username, PASSWORD)
        const renewed = await owners.findRow(row.id)
        expect(isOutdated(renewed?.password_hash ?? '')).to.equal(false)
        expect(renewed).to.deep.equal({ ...row, password_hash: renewed?.password_hash })
        const hashes = await countHashes(() => findByCredentials(username, PASSWORD))
        expect(hashes).to.equal(1)
        expect(await findByCredentials(username, WRONG)).to.equal(undefined)
      }
    })

    it('do not renew it at a login that fails', async () => {
      const [{ row, username }, disabled] = [await addOldUser(CHEAP), await addOldUser(CHEAP)]
      await owners.admin.disable(disabled.username)
      await findByCredentials(username, WRONG)
      await findByCredentials(disabled.username, PASSWORD)
      expect(await owners.findRow(row.id)).to.deep.equal(row)
      expect((await owners.findRow(disabled.row.id))?.password_hash).to.equal(disabled.row.password_hash)
    })

    it('do not bring an old password back that was changed meanwhile', async () => {
      const { row, username } = await addOldUser(CHEAP)
      const password_hash = await hash('an operator chose it', CHEAP)
      const hashes = await countHashes(
        () => findByCredentials(username, PASSWORD),
        () => owners.database.query.updateTable('owners').set({ password_hash }).where('id', '=', row.id).execute(),
      )
      expect(hashes).to.equal(2)
      expect((await owners.findRow(row.id))?.password_hash).to.equal(password_hash)
    })

    it('log in all the same if it cannot be renewed, with a warning without secrets', async () => {
      const { row, username } = await addOldUser(CHEAP)
      const trigger = sql`create trigger full before update on owners begin select raise(abort, 'disk full'); end`
      await trigger.execute(owners.database.query)
      expect(await findByCredentials(username, PASSWORD)).to.include({ id: row.id })
      await sql`drop trigger full`.execute(owners.database.query)
      expect(warnings).to.have.length(1)
      expect(warnings[0])
        .to.match(/^a password hash could not be renewed: /)
        .and.not.match(/argon2|horse|user-/)
    })
  })
})
