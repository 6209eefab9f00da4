import { expect } from 'chai'
import { inspect } from 'node:util'
import { onEachDatabase } from '../../support/database-places'
import { countHashes } from '../../support/hashes'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'

const NEW = 'another password'
const WRONG = { status: 403, code: 'CURRENT_PASSWORD_WRONG' }
const LOGGED_OUT = { status: 401, code: 'LOGIN_REQUIRED' }

onEachDatabase('a password change', (newPlace) => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open(await newPlace())
  })
  after(() => owners.close())

  const change = (id: unknown, currentPassword: unknown, newPassword: unknown = NEW) =>
    owners.users.changePassword(id, { currentPassword, newPassword })

  it('sets the password and a new security stamp, which ends all logins (OWASP ASVS 6.2.3, 7.4.3)', async () => {
    const { id, username } = await owners.addUser()
    const before = await owners.findRow(id)
    const changed = await change(id, PASSWORD)
    const after = await owners.findRow(id)
    expect(after?.security_stamp).not.to.equal(before?.security_stamp)
    expect(changed).to.include({ username, securityStamp: after?.security_stamp })
    const { password_hash, security_stamp, updated_at } = after ?? {}
    expect(after).to.deep.equal({ ...before, password_hash, security_stamp, updated_at })
    expect(await owners.users.findByCredentials({ username, password: PASSWORD })).to.equal(undefined)
    expect(await owners.users.findByCredentials({ username, password: NEW })).to.include({ id })
  })

  it('needs the current password exactly (OWASP ASVS 6.2.3)', async () => {
    const { id } = await owners.addUser()
    const before = await owners.findRow(id)
    for (const current of ['', NEW]) {
      const error = await rejectionOf(() => change(id, current))
      expect(error).to.include(WRONG)
      expect(inspect(error)).not.to.match(/horse|another password|argon2/)
    }
    expect(await owners.findRow(id)).to.deep.equal(before)
  })

  it('is refused with 400, before anything is hashed, if it is invalid (OWASP ASVS 6.2.1, 6.2.4)', async () => {
    const { id } = await owners.addUser()
    const hashes = await countHashes(async () => {
      for (const invalid of [
        { newPassword: 'seven-7' },
        { newPassword: 'x'.repeat(257) },
        { newPassword: 'Password123' },
        { newPassword: undefined },
        { currentPassword: { $ne: '' } },
        { username: 'x' },
      ]) {
        const body = { currentPassword: PASSWORD, newPassword: NEW, ...invalid }
        const error = await rejectionOf(() => owners.users.changePassword(id, body))
        expect(error, inspect(invalid)).to.include({ status: 400, code: 'INVALID_PASSWORD_CHANGE' })
      }
    })
    expect(hashes).to.equal(0)
  })

  it('is refused with 401 for an owner who is unknown, disabled or of another kind', async () => {
    const disabled = await owners.addUser({ disabled_at: 1 })
    const app = await owners.addUser({ kind: 'app' })
    for (const id of [disabled.id, app.id, 'nobody', '', `${app.id}\0`, undefined])
      expect(await rejectionOf(() => change(id, PASSWORD)), inspect(id)).to.include(LOGGED_OUT)
  })

  it('is refused with 409 if a trust point keeps the password', async () => {
    const { id } = await owners.addUser({ password_hash: null, trust_point: 'https://users.example.org/api/login' })
    for (const current of ['', 'null', PASSWORD])
      expect(await rejectionOf(() => change(id, current))).to.include({ status: 409, code: 'PASSWORD_KEPT_ELSEWHERE' })
  })

  it('succeeds for one of several at once, and for the others the current password is wrong', async () => {
    const { id, username } = await owners.addUser()
    const changing = Array.from({ length: 3 }, (_, i) => change(id, PASSWORD, `${NEW} ${String(i)}`))
    const all = await Promise.allSettled(changing)
    const winners = all.flatMap((one, i) => (one.status === 'fulfilled' ? [i] : []))
    expect(winners).to.have.length(1)
    for (const one of all) if (one.status === 'rejected') expect(one.reason).to.include(WRONG)
    const password = `${NEW} ${String(winners[0])}`
    expect(await owners.users.findByCredentials({ username, password })).to.include({ id })
  })

  it('in flight is refused once an operator has ended its login', async () => {
    for (const [end, refusal] of [
      [(name: string) => owners.admin.resetPassword(name, 'an operator chose it'), WRONG],
      [(name: string) => owners.admin.endSessions(name), LOGGED_OUT],
      [(name: string) => owners.admin.disable(name), LOGGED_OUT],
      [(name: string) => owners.admin.delete(name), LOGGED_OUT],
    ] as const) {
      const { id, username } = await owners.addUser()
      let hasEnded = false
      // The current password has been verified, and the new one is not saved yet.
      const beforeHash = async (): Promise<void> => {
        if (hasEnded) return
        hasEnded = true
        await end(username)
      }
      await countHashes(async () => {
        expect(await rejectionOf(() => change(id, PASSWORD))).to.include(refusal)
      }, beforeHash)
      expect(await owners.users.findByCredentials({ username, password: NEW })).to.equal(undefined)
    }
  })
})
