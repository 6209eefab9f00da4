import { expect } from 'chai'
import { database } from '../../context/sql'
import { SqlStore } from '../../plasma/express-sessions/stores/sql'
import { startTestCell, type TestCell } from '../support/cell'
import type { Answer, Client } from '../support/client'

const NEW = 'another long password'

describe('a session that a password change is to replace', () => {
  const destroy: (this: SqlStore, id: string, done?: (error?: unknown) => void) => void = Reflect.get(
    SqlStore.prototype,
    'destroy',
  )
  let cell: TestCell
  let client: Client
  let password = ''

  before(async () => {
    cell = await startTestCell()
  })
  beforeEach(async () => {
    client = cell.client()
    ;({ password } = await client.registerAndLogIn())
  })
  afterEach(() => {
    Reflect.deleteProperty(cell.plasma.sessions.ownerModel, 'changePassword')
    SqlStore.prototype.destroy = destroy
  })
  after(() => cell.stop())

  const change = (): Promise<Answer> => client.post('/api/password', { currentPassword: password, newPassword: NEW })

  it('is not replaced where it has ended meanwhile: nobody is logged in (OWASP ASVS 7.4.1)', async () => {
    const { ownerModel } = cell.plasma.sessions
    const changePassword = ownerModel.changePassword?.bind(ownerModel)
    Reflect.set(ownerModel, 'changePassword', async (id: string, given: unknown) => {
      const changed = await changePassword?.(id, given)
      await database().deleteFrom('sessions').execute()
      return changed
    })
    const { status, headers } = await change()
    expect([status, headers.getSetCookie()]).to.deep.equal([401, []])
    expect(await database().selectFrom('sessions').selectAll().execute()).to.deep.equal([])
  })

  it('ends in its successor, too, by a logout that was in flight (OWASP ASVS 7.4.1)', async () => {
    let arrived: (() => void) | undefined
    let goOn: (() => void) | undefined
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const released = new Promise<void>((resolve) => (goOn = resolve))
    // The logout has passed the guard, and is about to end what the change replaces before it does.
    SqlStore.prototype.destroy = function (this: SqlStore, ...given: Parameters<typeof destroy>) {
      SqlStore.prototype.destroy = destroy
      arrived?.()
      void released.then(() => destroy.apply(this, given))
    }
    const loggingOut = client.copy().post('/api/logout')
    await isThere
    expect((await change()).status).to.equal(204)
    expect((await client.get('/api/me')).status).to.equal(200)
    goOn?.()
    expect((await loggingOut).status).to.equal(204)
    expect((await client.get('/api/me')).status).to.equal(401)
  })
})
