import { expect } from 'chai'
import { closeDatabase, database, type OwnerRow } from '../../../context/sql'
import { Owners } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { ownerRow } from '../../support/owner-row'
import { rejectionOf } from '../../support/rejection'
import { addSession, sessionsOf } from '../../support/session-rows'
import { openTestDatabase } from '../../support/test-database'

const owners = new Owners(User.kind)
const NEW = 'another password'
const POINT = 'https://users.example.org/api/login'

describe('a password that an operator gives an owner', () => {
  before(openTestDatabase)
  after(closeDatabase)

  async function newOwner(): Promise<{ id: string; username: string; password: string }> {
    const credentials = newCredentials()
    const { id } = await User.register(credentials)
    await addSession(id)
    return { id, ...credentials }
  }
  const rowOf = (id: string): Promise<OwnerRow> =>
    database().selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  for (const password of [
    '        ',
    'x'.repeat(256),
    ' two spaces ',
    'cafe\u0301-cafe\u0301',
    'парола-парола',
    '12345-eight',
  ]) {
    it(`is taken exactly as received, of whatever characters (OWASP ASVS 6.2.5, 6.2.8): ${JSON.stringify(password).slice(0, 20)}`, async () => {
      const { id, username, password: old } = await newOwner()
      await owners.resetPassword(username, password)
      expect(await User.findByCredentials({ username, password })).to.include({ id })
      for (const other of [old, password.trim(), password.normalize('NFC'), `${password} `.slice(0, 256)]) {
        if (other !== password)
          expect(await User.findByCredentials({ username, password: other }), other).to.equal(undefined)
      }
    })
  }

  describe('is refused, and the old one and his sessions stay, where it', () => {
    const refused: [what: string, password: string, message: string][] = [
      ['is too short (OWASP ASVS 6.2.1)', 'seven-7', 'password must have at least 8 characters.'],
      ['is empty', '', 'password must have at least 8 characters.'],
      ['is too long', 'x'.repeat(257), 'password must have at most 256 characters.'],
      ['is common (OWASP ASVS 6.2.4)', 'Password123', 'password is one of those that everybody tries first.'],
      ['has half a character', `${NEW}\ud800`, 'password must be well-formed.'],
    ]
    for (const [what, wanted, message] of refused) {
      it(what, async () => {
        const { id, username, password } = await newOwner()
        const before = await rowOf(id)
        const error = await rejectionOf(() => owners.resetPassword(username, wanted))
        expect(error).to.include({ status: 400, code: 'INVALID_PASSWORD', message })
        expect(await rowOf(id)).to.deep.equal(before)
        expect(await User.findByCredentials({ username, password })).to.include({ id })
        expect(await sessionsOf(id)).to.have.length(1)
      })
    }

    for (const point of [POINT, '']) {
      it(`is for a trust point to give: "${point}"`, async () => {
        const row = { ...ownerRow(`remote${point}`), trust_point: point }
        await database().insertInto('owners').values(row).execute()
        await addSession(row.id)
        const error = await rejectionOf(() => owners.resetPassword(row.own_name, NEW))
        expect(error).to.include({
          status: 409,
          code: 'PASSWORD_KEPT_ELSEWHERE',
          message: `${point} keeps this password.`,
        })
        expect(await rowOf(row.id)).to.deep.equal(row)
        expect(await sessionsOf(row.id)).to.have.length(1)
      })
    }
  })
})
