import { expect } from 'chai'
import { inspect } from 'node:util'
import { OwnerAdministration } from '../../../context/owners/administration'
import { createOwnerKind } from '../../../context/owners/kind'
import { onEachDatabase } from '../../support/database-places'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'

const NEW = 'another password'
const POINT = 'https://users.example.org/api/login'

/** What ends the sessions of an owner. */
const ENDS: [method: string, end: (owners: TestOwners, name: string) => Promise<unknown>][] = [
  ['disable', ({ admin }, name) => admin.disable(name)],
  ['enable', ({ admin }, name) => admin.enable(name)],
  ['resetPassword', ({ admin }, name) => admin.resetPassword(name, NEW)],
  ['endSessions', ({ admin }, name) => admin.endSessions(name)],
  ['delete', ({ admin }, name) => admin.delete(name)],
]

onEachDatabase('the administration of owners', (newPlace) => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open(await newPlace())
  })
  beforeEach(() => owners.ended.splice(0))
  after(() => owners.close())

  it('lists the owners of its kind by name, also disabled ones', async () => {
    await owners.addUser({ own_name: 'Bob', name_key: 'bob' })
    await owners.addUser({ own_name: 'ada', name_key: 'ada', disabled_at: 1 })
    await owners.appAdmin.create('an-app', PASSWORD)
    expect((await owners.admin.list()).map(({ own_name }) => own_name)).to.deep.equal(['ada', 'Bob'])
  })

  it('finds owners by name in any case, or by id, also disabled ones', async () => {
    const { id, username } = await owners.addUser({ disabled_at: 1 })
    for (const name of [username, username.toUpperCase(), username.replace('user', 'ｕｓｅｒ')])
      expect(await owners.admin.find(name)).to.include({ id })
    const { database } = owners
    const byId = new OwnerAdministration({ kind: createOwnerKind('user', 'username'), database, by: 'id' })
    expect(await byId.find(id)).to.include({ own_name: username })
    for (const other of [username, `${id}\0`, ''])
      expect(await rejectionOf(() => byId.find(other))).to.include({ status: 404 })
  })

  for (const [method, end] of ENDS) {
    it(`gives an owner a new stamp, and only then ends their sessions: ${method} (OWASP ASVS 7.4.2, 7.4.5)`, async () => {
      const [{ id, username }, other] = [await owners.addUser(), await owners.addUser()]
      const [before, rowOfOther] = [await owners.findRow(id), await owners.findRow(other.id)]
      await end(owners, username)
      const after = await owners.findRow(id)
      expect(after?.security_stamp).not.to.equal(before?.security_stamp)
      expect(owners.ended).to.deep.equal([{ id, stamp: after?.security_stamp }])
      expect(await owners.findRow(other.id)).to.deep.equal(rowOfOther)
    })

    it(`changes nothing for a name that nobody has: ${method}`, async () => {
      const { id, username } = await owners.addUser()
      const app = await owners.addUser({ kind: 'app' })
      const before = await owners.allRows()
      for (const name of ['nobody', '', '%', id, `${username} `, `${username}\0`, app.username]) {
        const error = await rejectionOf(() => end(owners, name))
        expect(error, inspect(name)).to.include({ status: 404, message: `There is no user "${name}".` })
      }
      expect(await owners.allRows()).to.deep.equal(before)
      expect(owners.ended).to.deep.equal([])
    })
  }

  it('ends all sessions of owners of every kind, after giving each owner a new stamp (OWASP ASVS 7.4.5)', async () => {
    await owners.addUser()
    await owners.addUser({ kind: 'app' })
    const before = (await owners.allRows()).map(({ security_stamp }) => security_stamp)
    await owners.admin.endAllSessions()
    for (const { security_stamp } of await owners.allRows()) expect(security_stamp).not.to.be.oneOf(before)
    expect(owners.ended).to.deep.equal([{}])
  })

  it('ends sessions by the stamp alone if no session store is known', async () => {
    const { id, username } = await owners.addUser()
    const { database } = owners
    const admin = new OwnerAdministration({ kind: createOwnerKind('user', 'username'), database })
    const stamps = new Set([(await owners.findRow(id))?.security_stamp])
    for (const end of [() => admin.endSessions(username), () => admin.endAllSessions()]) {
      await end()
      stamps.add((await owners.findRow(id))?.security_stamp)
    }
    expect(stamps.size).to.equal(3)
    expect(await admin.countSessions()).to.equal(undefined)
    expect(await owners.admin.countSessions()).to.equal(7)
  })

  it('keeps owners disabled since the first time, until they are enabled', async () => {
    const { id, username } = await owners.addUser()
    await owners.admin.disable(username)
    const disabledAt = (await owners.findRow(id))?.disabled_at
    expect(disabledAt).to.be.closeTo(Date.now(), 60_000)
    await owners.admin.disable(username)
    await owners.admin.resetPassword(username, NEW)
    expect((await owners.findRow(id))?.disabled_at).to.equal(disabledAt)
    expect(await owners.users.findByCredentials({ username, password: NEW })).to.equal(undefined)
    await owners.admin.enable(username)
    expect(await owners.users.findByCredentials({ username, password: NEW })).to.include({ id })
    expect(await owners.users.findByCredentials({ username, password: PASSWORD })).to.equal(undefined)
  })

  it('deletes an owner, and not the application of the same name', async () => {
    const { id, username } = await owners.addUser()
    const app = await owners.addUser({ kind: 'app', own_name: username, name_key: username })
    await owners.admin.delete(username)
    expect(await owners.findRow(id)).to.equal(undefined)
    expect(await owners.findRow(app.id)).to.include({ kind: 'app' })
    expect((await owners.users.register({ username, password: PASSWORD })).id).not.to.equal(id)
  })

  it('refuses a password that nobody may have, or that a trust point keeps (OWASP ASVS 6.2.1, 6.2.4)', async () => {
    const [{ username }, remote] = [await owners.addUser(), await owners.addUser({ trust_point: POINT })]
    const before = await owners.allRows()
    for (const [name, password, error] of [
      [username, 'seven-7', { status: 400, message: 'password must have at least 8 characters.' }],
      [username, 'Password123', { code: 'INVALID_PASSWORD', message: 'password is one of the most common passwords.' }],
      [remote.username, NEW, { status: 409, message: `${POINT} keeps this password.` }],
    ] as const)
      expect(await rejectionOf(() => owners.admin.resetPassword(name, password))).to.include(error)
    expect(await owners.allRows()).to.deep.equal(before)
    expect(owners.ended).to.deep.equal([])
  })
})
