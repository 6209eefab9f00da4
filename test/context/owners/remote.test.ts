import { expect } from 'chai'
import { onEachDatabase } from '../../support/database-places'
import { refused } from '../../support/called'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'

const REFUSED = { status: 502, code: 'REMOTE_INVALID' }

onEachDatabase("a user from a trust point's answer", (newPlace) => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open(await newPlace())
  })
  after(() => owners.close())

  const newRemote = (): { id: string; username: string } => {
    const { username } = newCredentials()
    return { id: `remote-${username}`, username }
  }
  const save = (answer: unknown, from = 'https://one') => owners.users.createOrUpdate(answer, undefined, from)

  it('is saved with the fields of a user, and without a password', async () => {
    const { id, username } = newRemote()
    const profile = { name: 'Ada', email: 'ada@example.org' }
    const others = { password: PASSWORD, password_hash: 'a hash', isAdmin: true, created_at: 1, name_key: 'other' }
    const user = await save({ id, username, ...profile, ...others })
    expect(JSON.parse(JSON.stringify(user))).to.deep.equal({ id, username, ...profile })
    expect(await owners.findRow(id)).to.include({ password_hash: null, name_key: username, trust_point: 'https://one' })
    expect((await owners.findRow(id))?.created_at).to.be.closeTo(Date.now(), 60_000)
    for (const password of [PASSWORD, '', 'null'])
      expect(await owners.users.findByCredentials({ username, password })).to.equal(undefined)
  })

  it('has a new username when it changes, and the old one is free', async () => {
    const remote = newRemote()
    await save(remote)
    for (const username of [remote.username.toUpperCase(), newRemote().username]) {
      await save({ ...remote, username })
      expect(await owners.users.findById(remote.id)).to.include({ username })
    }
    const registered = await owners.users.register({ username: remote.username, password: PASSWORD })
    expect(registered.id).not.to.equal(remote.id)
  })

  it('keeps the stamp of the first answer, and is created once of ten answers at once', async () => {
    const remote = newRemote()
    const users = await Promise.all(Array.from({ length: 10 }, () => save(remote)))
    const stamp = (await owners.findRow(remote.id))?.security_stamp
    for (const user of users) expect(user).to.include({ id: remote.id, securityStamp: stamp })
  })

  it('loses the username when the same trust point gives it to another one', async () => {
    const [first, second] = [newRemote(), newRemote()]
    await save(first)
    await owners.database.query.updateTable('owners').set({ updated_at: 1 }).where('id', '=', first.id).execute()
    await save({ ...second, username: first.username })
    // A move leaves the newer of two rows.
    expect((await owners.findRow(first.id))?.updated_at).to.be.above(1)
    expect(await owners.users.findById(second.id)).to.include({ username: first.username })
    expect(await owners.users.findById(first.id)).to.include({ id: first.id })
    expect(await owners.users.claimedId(first)).to.equal(second.id)
    await save({ ...first, username: second.username })
    expect(await owners.users.findById(first.id)).to.include({ username: second.username })
  })

  it('is nobody while disabled here, and stays disabled', async () => {
    const remote = newRemote()
    await save(remote)
    await owners.admin.disable(remote.username)
    const before = await owners.findRow(remote.id)
    expect(await save({ ...remote, username: newRemote().username })).to.equal(undefined)
    expect(await owners.findRow(remote.id)).to.deep.equal(before)
  })

  describe('is refused, and changes nothing, with (OWASP ASVS 6.8.1)', () => {
    type Known = { id: string; username: string }
    const attacks: [what: string, answer: (known: Known) => object][] = [
      ['the id and the username', (known) => known],
      ['the id', ({ id }) => ({ ...newRemote(), id })],
      ['the username in other case, and a password', ({ username }) => withPassword(username.toUpperCase())],
      ['the username in other letters', ({ username }) => withPassword(username.replace('user', 'ｕｓｅｒ'))],
    ]
    const withPassword = (username: string): object => ({ ...newRemote(), username, password: 'chosen there' })
    for (const [what, answer] of attacks) {
      it(`${what} of another owner`, async () => {
        for (const [from, changes] of [
          ['', {}],
          ['https://one', { trust_point: 'https://two', password_hash: null }],
        ] as const) {
          const known = await owners.addUser(changes)
          const before = await owners.allRows()
          const error = await rejectionOf(() => save(answer(known), from))
          expect(error, from).to.include(REFUSED)
          expect(error.message).not.to.include(known.username).and.not.to.include(known.id)
          expect(await owners.allRows(), from).to.deep.equal(before)
        }
      })
    }

    it('the id of an application', async () => {
      const app = await owners.addUser({ kind: 'app', trust_point: 'https://one' })
      expect(await rejectionOf(() => save({ id: app.id, username: 'an-app' }))).to.include(REFUSED)
    })

    it('no owner', async () => {
      for (const answer of [undefined, 'remote', { id: 'nameless' }, { username: 'without-id' }])
        expect(await refused((done) => owners.users.createOrUpdate(answer, done))).to.include(REFUSED)
    })
  })
})
