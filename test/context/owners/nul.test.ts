import { expect } from 'chai'
import { closeDatabase, database } from '../../../context/sql'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

/** SQLite can take a NUL for the end of a text, and two texts for one. */
describe('a text with a NUL', () => {
  before(() => openTestDatabase())
  after(closeDatabase)

  it('is no username of somebody else', async () => {
    const ada = newCredentials()
    await User.register(ada)
    const error = await rejectionOf(() => User.findByCredentials({ ...ada, username: `${ada.username}\0anything` }))
    expect(error).to.include({ code: 'INVALID_CREDENTIALS_SHAPE', status: 400 })
    expect(await rejectionOf(() => User.register({ ...ada, username: `${ada.username}\0` }))).to.include({
      status: 400,
    })
  })

  it('is no id of somebody else', async () => {
    await User.createOrUpdate({ id: 'victim', username: 'victim' }, undefined, 'there')
    const evil = { id: 'victim\0evil', username: 'mallory' }
    expect(await rejectionOf(() => User.createOrUpdate(evil, undefined, 'there'))).to.include({
      code: 'REMOTE_INVALID',
    })
    expect(await User.findById('victim\0evil')).to.equal(undefined)
    expect(await User.findById('victim')).to.include({ username: 'victim' })
  })

  it('never reaches the database', async () => {
    const error = await rejectionOf(() =>
      database().selectFrom('owners').selectAll().where('id', '=', 'a\0b').execute(),
    )
    expect(error).to.include({ code: 'STORE_UNAVAILABLE' })
  })

  it('that is half a character is no password', async () => {
    const credentials = { ...newCredentials(), password: 'correct horse \ud800' }
    expect(await rejectionOf(() => User.register(credentials))).to.include({ status: 400 })
    expect(await rejectionOf(() => User.findByCredentials(credentials))).to.include({ status: 400 })
  })
})
