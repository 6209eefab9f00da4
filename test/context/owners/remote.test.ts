import { expect } from 'chai'
import { inspect } from 'node:util'
import User from '../../../context/models/user'
import { closeDatabase, database } from '../../../context/sql'
import type { Problem } from '../../../context/cell'
import { refused } from '../../support/called'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

describe("a user made from a trust point's answer", () => {
  before(openTestDatabase)
  after(closeDatabase)

  const newRemote = (): { id: string; username: string } => {
    const { username } = newCredentials()
    return { id: `remote-${username}`, username }
  }

  it('is kept with the fields that a user has, and no others', async () => {
    const remote = newRemote()
    const others = { password: 'a password', password_hash: 'a hash', isAdmin: true, created_at: 1, name_key: 'other' }
    const user = await User.createOrUpdate({ ...remote, ...others })
    expect(JSON.parse(JSON.stringify(user))).to.deep.equal(remote)
    expect(Object.keys(user ?? {})).to.have.members(['id', 'username'])
    expect(await rowOf(remote.id)).to.include({ password_hash: null, name_key: remote.username })
    expect((await rowOf(remote.id)).created_at).to.be.closeTo(Date.now(), 10_000)
  })

  it('has no password here', async () => {
    const remote = newRemote()
    await User.createOrUpdate({ ...remote, password: 'correct horse battery' })
    for (const password of ['correct horse battery', '', 'null', 'undefined']) {
      expect(await User.findByCredentials({ username: remote.username, password })).to.equal(undefined)
    }
  })

  const ids: [id: unknown, kept: string][] = [
    [42, '42'],
    [0, '0'],
    [-7, '-7'],
    ['042', '042'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ]
  for (const [id, kept] of ids) {
    it(`is kept under the text of its id ${inspect(id)}`, async () => {
      const { username } = newRemote()
      expect((await User.createOrUpdate({ id, username }))?.id).to.equal(kept)
      expect((await User.findById(id))?.username).to.equal(username)
      expect((await User.findById(kept))?.username).to.equal(username)
    })
  }

  it('shows a username that has changed, and frees the old one', async () => {
    const remote = newRemote()
    const { username } = newRemote()
    await User.createOrUpdate(remote)
    await User.createOrUpdate({ ...remote, username })
    expect((await User.findById(remote.id))?.username).to.equal(username)
    expect((await User.register({ username: remote.username, password: 'correct horse battery' })).id).not.to.equal(
      remote.id,
    )
  })

  it('shows a username of which only the case has changed', async () => {
    const remote = newRemote()
    await User.createOrUpdate(remote)
    await User.createOrUpdate({ ...remote, username: remote.username.toUpperCase() })
    expect((await User.findById(remote.id))?.username).to.equal(remote.username.toUpperCase())
  })

  it('is made once when he logs in twenty times at once', async () => {
    const remote = newRemote()
    const users = await Promise.all(Array.from({ length: 20 }, () => User.createOrUpdate(remote)))
    expect(users.map((user) => user?.id)).to.deep.equal(Array(20).fill(remote.id))
  })

  describe('is refused where a user of this cell is meant', () => {
    const attacks: [what: string, answer: (local: { id: string; username: string }) => object][] = [
      ['his id and his username', ({ id, username }) => ({ id, username })],
      ['his id and another username', ({ id }) => ({ id, username: newRemote().username })],
      ['his username and another id', ({ username }) => ({ id: newRemote().id, username })],
      ['his username in other case', ({ username }) => ({ id: newRemote().id, username: username.toUpperCase() })],
      [
        'his username in full-width letters',
        ({ username }) => ({ id: 'wide', username: username.replace('user', 'ｕｓｅｒ') }),
      ],
      [
        'his username and a password',
        ({ username }) => ({ id: newRemote().id, username, password: 'chosen by the point' }),
      ],
    ]
    for (const [what, answer] of attacks) {
      it(`${what}; he stays as he is and can log in`, async () => {
        const credentials = newCredentials()
        const local = await User.register(credentials)
        const before = await rowOf(local.id)
        const error = await rejectionOf<Problem>(() => User.createOrUpdate(answer(local)))
        expect(error).to.include({ status: 502, code: 'REMOTE_INVALID' })
        expect(error.message).not.to.include(local.username).and.not.to.include(local.id)
        expect(await rowOf(local.id)).to.deep.equal(before)
        expect((await User.findByCredentials(credentials))?.id).to.equal(local.id)
      })
    }

    it('and where another trust point has named the owner, by id or by username (OWASP ASVS 6.8.1)', async () => {
      const remote = newRemote()
      await User.createOrUpdate(remote, undefined, 'https://one')
      const before = await rowOf(remote.id)
      for (const answer of [remote, { ...remote, username: newRemote().username }, { ...remote, id: newRemote().id }]) {
        const error = await rejectionOf<Problem>(() => User.createOrUpdate(answer, undefined, 'https://two'))
        expect(error.code).to.equal('REMOTE_INVALID')
        expect(await rowOf(remote.id)).to.deep.equal(before)
      }
    })

    it('and where its id has more digits than a number keeps', async () => {
      const id = Number.MAX_SAFE_INTEGER + 1
      expect(await rejectionOf<Problem>(() => User.createOrUpdate({ ...newRemote(), id }))).to.include({
        code: 'REMOTE_INVALID',
      })
    })

    it('but not where the same trust point has given the username to another one', async () => {
      const [first, second] = [newRemote(), newRemote()]
      await User.createOrUpdate(first, undefined, 'https://one')
      await User.createOrUpdate({ ...second, username: first.username }, undefined, 'https://one')
      expect(await User.findById(second.id)).to.include({ username: first.username })
      expect(await User.findById(first.id)).to.include({ id: first.id })
      await User.createOrUpdate({ ...first, username: second.username }, undefined, 'https://one')
      expect(await User.findById(first.id)).to.include({ username: second.username })
    })
  })

  describe('is refused for an answer that is no owner', () => {
    const { username } = newRemote()
    const wrong: [what: string, answer: unknown][] = [
      ['nothing', undefined],
      ['null', null],
      ['a text', 'remote'],
      ['a list', [{ id: 'listed', username }]],
      ['an empty object', {}],
      ['no id', { username }],
      ['an id that is null', { id: null, username }],
      ['an empty id', { id: '', username }],
      ['an id that is an object', { id: { $oid: 'x' }, username }],
      ['an id that is a list', { id: ['x'], username }],
      ['an id that is true', { id: true, username }],
      ['an id that is no number', { id: NaN, username }],
      ['an id of 256 characters', { id: 'x'.repeat(256), username }],
      ['no username', { id: 'nameless' }],
      ['a username that is a number', { id: 'numbered', username: 7 }],
      ['a username with a newline', { id: 'newline', username: 'line\nline' }],
    ]
    for (const [what, answer] of wrong) {
      it(what, async () => {
        expect(await refused((done) => User.createOrUpdate(answer, done))).to.include({
          status: 502,
          code: 'REMOTE_INVALID',
        })
        expect((await rejectionOf<Problem>(() => User.createOrUpdate(answer))).code).to.equal('REMOTE_INVALID')
      })
    }
  })
})

function rowOf(id: string): Promise<{ created_at: number }> {
  return database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}
