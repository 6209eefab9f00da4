import { expect } from 'chai'
import { sql } from 'kysely'
import { inspect } from 'node:util'
import { closeDatabase, database, type OwnerRow } from '../../../context/sql'
import App from '../../../context/models/app'
import { Owners, endAllSessions } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { addSession, sessionsOf } from '../../support/session-rows'
import { openTestDatabase } from '../../support/test-database'

const owners = new Owners(User.kind)
const apps = new Owners(App.kind)
const NEW = 'another password'

/** What ends an owner's sessions and leaves the owner. */
const ENDING: [name: string, end: (name: string) => Promise<void>][] = [
  ['disable', (name) => owners.disable(name)],
  ['enable', (name) => owners.enable(name)],
  ['resetPassword', (name) => owners.resetPassword(name, NEW)],
  ['endSessions', (name) => owners.endSessions(name)],
]
const CHANGING: typeof ENDING = [...ENDING, ['delete', (name) => owners.delete(name)]]

describe('all owners', () => {
  before(openTestDatabase)
  after(closeDatabase)

  async function newOwner(): Promise<{ id: string; username: string; password: string }> {
    const credentials = newCredentials()
    const { id } = await User.register(credentials)
    await addSession(id)
    await addSession(id)
    return { id, ...credentials }
  }
  const rowOf = (id: string): Promise<OwnerRow> =>
    database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  it('are listed by their names, also who is disabled, and no applications', async () => {
    const [b, a] = [await newOwner(), await newOwner()].sort((one, other) => (one.username < other.username ? 1 : -1))
    await owners.disable(String(a?.username))
    await apps.create(`${String(a?.username)}-app`, NEW)
    const listed = (await owners.list()).filter(({ own_name }) =>
      [a, b].some((one) => own_name.startsWith(String(one?.username))),
    )
    expect(listed.map(({ id }) => id)).to.deep.equal([a?.id, b?.id])
  })

  it('are found by their names, in whatever case, also who is disabled', async () => {
    const { id, username } = await newOwner()
    await owners.disable(username)
    for (const name of [username, username.toUpperCase(), username.replace('user', 'ｕｓｅｒ')])
      expect((await owners.find(name)).id).to.equal(id)
  })

  describe('but whom nobody has named are a 404, and nothing changes:', () => {
    for (const [method, change] of [...CHANGING, ['find', (name: string) => owners.find(name)] as const]) {
      it(method, async () => {
        const { id, username } = await newOwner()
        const { own_name: appname } = await apps.create(`${username}-app`, NEW)
        const before = await database().selectFrom('owners').selectAll().execute()
        for (const name of ['nobody', '', '%', id, `${username} `, `${username}\0`, appname]) {
          const error = await rejectionOf(() => change(name))
          expect(error, inspect(name)).to.include({
            status: 404,
            code: 'OWNER_NOT_FOUND',
            message: `There is no user "${name}".`,
          })
        }
        expect(await database().selectFrom('owners').selectAll().execute()).to.deep.equal(before)
        expect(await sessionsOf(id)).to.have.length(2)
      })
    }
  })

  for (const [method, end] of ENDING) {
    it(`have a new security stamp each time, and no sessions: ${method} (OWASP ASVS 7.4.5)`, async () => {
      const [owner, other] = [await newOwner(), await newOwner()]
      await addSession(null)
      const rowOfOther = await rowOf(other.id)
      const stamps = new Set([(await rowOf(owner.id)).security_stamp])
      for (let time = 0; time < 3; time += 1) {
        await end(owner.username)
        stamps.add((await rowOf(owner.id)).security_stamp)
      }
      expect(stamps.size).to.equal(4)
      expect(await sessionsOf(owner.id)).to.be.empty
      expect(await sessionsOf(other.id)).to.have.length(2)
      expect(await sessionsOf(null)).not.to.be.empty
      expect(await rowOf(other.id)).to.deep.equal(rowOfOther)
    })
  }

  for (const [method, change] of CHANGING) {
    it(`change wholly or not at all, when the sessions cannot be deleted: ${method}`, async () => {
      const { id, username } = await newOwner()
      const before = await rowOf(id)
      await sql`create trigger kept before delete on sessions begin select raise(abort, 'kept'); end`.execute(
        database(),
      )
      try {
        expect(await rejectionOf(() => change(username))).to.include({ code: 'STORE_UNAVAILABLE' })
      } finally {
        await sql`drop trigger kept`.execute(database())
      }
      expect(await rowOf(id)).to.deep.equal(before)
      expect(await sessionsOf(id)).to.have.length(2)
    })
  }

  it('who are disabled stay so since the first time, until they are enabled', async () => {
    const { id, username, password } = await newOwner()
    await owners.disable(username)
    const { disabled_at } = await rowOf(id)
    expect(disabled_at).to.be.a('number')
    await owners.disable(username)
    await owners.resetPassword(username, NEW)
    await owners.endSessions(username)
    expect((await rowOf(id)).disabled_at).to.equal(disabled_at)
    expect(await User.findByCredentials({ username, password: NEW })).to.equal(undefined)
    await owners.enable(username)
    expect(await User.findByCredentials({ username, password: NEW })).to.include({ id })
    expect(await User.findByCredentials({ username, password })).to.equal(undefined)
  })

  it('who are deleted are gone with their sessions, and not the application of the same name', async () => {
    const { id, username, password } = await newOwner()
    const app = await apps.create(username, password)
    await addSession(app.id)
    await owners.delete(username)
    expect(await User.findById(id)).to.equal(undefined)
    expect(await sessionsOf(id)).to.be.empty
    expect(await App.findByCredentials({ appname: username, password })).to.include({ id: app.id })
    expect(await sessionsOf(app.id)).to.have.length(1)
    expect((await User.register({ username, password })).id).not.to.equal(id)
  })

  it('of every kind, and nobody, have no sessions when all are ended, and each has a new stamp (OWASP ASVS 7.4.5)', async () => {
    const [{ id }, app] = [await newOwner(), await apps.create('an-app', NEW)]
    await addSession(app.id)
    await addSession(null)
    const before = await database().selectFrom('owners').select(['id', 'security_stamp']).orderBy('id').execute()
    await endAllSessions()
    expect(await database().selectFrom('sessions').selectAll().execute()).to.be.empty
    for (const { id, security_stamp } of before)
      expect((await rowOf(id)).security_stamp, id).not.to.equal(security_stamp)
    expect(await User.findById(id)).to.include({ id })
  })
})
