import { expect } from 'chai'
import { inspect } from 'node:util'
import { closeDatabase, database, type OwnerRow } from '../../../context/sql'
import App from '../../../context/models/app'
import { changePassword } from '../../../context/owners/credentials'
import { Owners } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { hashesDuring } from '../../support/hashes'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

const NEW = 'another password'
const WRONG = { status: 403, code: 'CURRENT_PASSWORD_WRONG' }

describe('the password of a user', () => {
  before(openTestDatabase)
  after(closeDatabase)

  async function newUser(): Promise<{ id: string; username: string; password: string }> {
    const credentials = newCredentials()
    return { id: (await User.register(credentials)).id, ...credentials }
  }
  const rowOf = (id: string): Promise<OwnerRow> =>
    database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const change = (id: string, currentPassword: unknown, newPassword: unknown = NEW): Promise<User> =>
    User.changePassword(id, { currentPassword, newPassword })

  it('is changed by who knows it, and he has a new security stamp (OWASP ASVS 6.2.3, 7.4.3)', async () => {
    const { id, username, password } = await newUser()
    const before = await rowOf(id)
    const changed = await change(id, password)
    const { password_hash, security_stamp, updated_at, ...rest } = await rowOf(id)
    expect(changed.toJSON()).to.deep.equal({ id, username })
    expect(changed.securityStamp).to.equal(security_stamp).and.not.to.equal(before.security_stamp)
    expect(before).to.include(rest)
    expect(updated_at).to.be.at.least(before.updated_at)
    expect(password_hash).not.to.equal(before.password_hash)
    expect(await User.findByCredentials({ username, password })).to.equal(undefined)
    expect((await User.findByCredentials({ username, password: NEW }))?.securityStamp).to.equal(security_stamp)
    expect((await change(id, NEW, password)).securityStamp).not.to.be.oneOf([before.security_stamp, security_stamp])
  })

  describe('is not changed, and nothing else either,', () => {
    const refused: [what: string, body: (password: string) => unknown, expected: object][] = [
      [
        'by who gives another one (OWASP ASVS 6.2.3)',
        () => ({ currentPassword: 'wrong horse battery', newPassword: NEW }),
        WRONG,
      ],
      ['by who gives none', () => ({ currentPassword: '', newPassword: NEW }), WRONG],
      ['by who gives it in other case', (own) => ({ currentPassword: own.toUpperCase(), newPassword: NEW }), WRONG],
      ['by who gives the new one for it', () => ({ currentPassword: NEW, newPassword: NEW }), WRONG],
      ['by who gives it without its end', (own) => ({ currentPassword: own.slice(0, -1), newPassword: NEW }), WRONG],
      [
        'to one of 7 characters (OWASP ASVS 6.2.1)',
        (own) => ({ currentPassword: own, newPassword: 'seven-7' }),
        { status: 400 },
      ],
      ['to one of 257 characters', (own) => ({ currentPassword: own, newPassword: 'x'.repeat(257) }), { status: 400 }],
      [
        'to a common one (OWASP ASVS 6.2.4)',
        (own) => ({ currentPassword: own, newPassword: 'PASSWORD123' }),
        { status: 400 },
      ],
      ['without the current one', () => ({ newPassword: NEW }), { status: 400 }],
      ['without a new one', (own) => ({ currentPassword: own }), { status: 400 }],
      ['by who gives an object for it', () => ({ currentPassword: { $ne: '' }, newPassword: NEW }), { status: 400 }],
      [
        'together with something else',
        (own) => ({ currentPassword: own, newPassword: NEW, username: 'x' }),
        { status: 400 },
      ],
      ['by nothing', () => undefined, { status: 400 }],
    ]
    for (const [what, body, expected] of refused) {
      it(what, async () => {
        const { id, username, password } = await newUser()
        const before = await rowOf(id)
        const error = await rejectionOf(() => User.changePassword(id, body(password)))
        expect(error).to.include({ code: 'INVALID_PASSWORD_CHANGE', ...expected })
        expect(inspect(error)).not.to.match(/horse|another password|argon2/)
        expect(await rowOf(id)).to.deep.equal(before)
        expect(await User.findByCredentials({ username, password })).to.include({ id })
      })
    }

    it('before a hash is made, where the new one is refused', async () => {
      const { id, password } = await newUser()
      const bodies = ['seven-7', 'x'.repeat(257), 'Password123', null].map((newPassword) => ({
        currentPassword: password,
        newPassword,
      }))
      const { started } = await hashesDuring(async () => {
        for (const body of bodies) await rejectionOf(() => User.changePassword(id, body))
      })
      expect(started).to.equal(0)
    })

    it('of an owner who is not there, who is disabled, or of another kind', async () => {
      const disabled = await newUser()
      await new Owners(User.kind).disable(disabled.username)
      const { id: app } = await new Owners(App.kind).create(disabled.username, disabled.password)
      for (const id of [disabled.id, app, 'nobody', '']) {
        const error = await rejectionOf(() => change(id, disabled.password))
        expect(error, id).to.include({ status: 401, code: 'OWNER_NOT_FOUND' })
      }
      await new Owners(User.kind).enable(disabled.username)
      expect(await User.findByCredentials(withoutId(disabled))).to.include({ id: disabled.id })
      expect(await App.findByCredentials({ appname: disabled.username, password: disabled.password })).to.include({
        id: app,
      })
    })

    it('where a trust point keeps it', async () => {
      const row = { ...ownerRow('remote'), trust_point: 'https://users.example.org/api/login' }
      await database().insertInto('owners').values(row).execute()
      for (const current of ['', 'null', 'correct horse battery']) {
        expect(await rejectionOf(() => change('remote', current))).to.include({
          status: 409,
          code: 'PASSWORD_KEPT_ELSEWHERE',
        })
      }
      expect(await rowOf('remote')).to.deep.equal(row)
    })
  })

  it('is changed once when twenty ask at once, and the others knew the wrong one', async () => {
    const { id, username, password } = await newUser()
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => change(id, password, `${NEW} ${String(i)}`)),
    )
    const winners = all.flatMap((one, i) => (one.status === 'fulfilled' ? [i] : []))
    expect(winners).to.have.length(1)
    for (const one of all) if (one.status === 'rejected') expect(one.reason).to.include(WRONG)
    expect(await User.findByCredentials({ username, password: `${NEW} ${String(winners[0])}` })).to.include({ id })
  })

  it('is not changed by who knew it, when an operator has changed it, ended his sessions or disabled him meanwhile', async () => {
    const owners = new Owners(User.kind)
    const LOGGED_OUT = { status: 401, code: 'OWNER_NOT_FOUND' }
    for (const [meanwhile, refusal] of [
      [(name: string) => owners.resetPassword(name, 'an operator chose it'), WRONG],
      [(name: string) => owners.endSessions(name), LOGGED_OUT],
      [(name: string) => owners.disable(name), LOGGED_OUT],
    ] as const) {
      const { id, username, password } = await newUser()
      const read = await rowOf(id)
      await meanwhile(username)
      const row = await rowOf(id)
      expect(await rejectionOf(() => changePassword(read, { currentPassword: password, newPassword: NEW }))).to.include(
        refusal,
      )
      expect(await rowOf(id)).to.deep.equal(row)
    }
  })

  it('lets him in no more when he is disabled, though his name is still known for logs (OWASP ASVS 7.4.2, 6.3.8)', async () => {
    const { id, ...credentials } = await newUser()
    await new Owners(User.kind).disable(credentials.username)
    const { started } = await hashesDuring(async () => {
      expect(await User.findByCredentials(credentials)).to.equal(undefined)
      expect(await User.findByCredentials({ ...credentials, password: 'wrong horse battery' })).to.equal(undefined)
    })
    // As many as for anybody: it takes as long.
    expect(started).to.equal(2)
    expect(await User.findById(id)).to.equal(undefined)
    expect(await User.claimedId({ ...credentials, password: 'wrong horse battery' })).to.equal(id)
  })
})

function withoutId({ username, password }: { username: string; password: string }): {
  username: string
  password: string
} {
  return { username, password }
}
