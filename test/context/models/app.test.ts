import { expect } from 'chai'
import { closeDatabase } from '../../../context/sql'
import App from '../../../context/models/app'
import { Owners } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { openTestDatabase } from '../../support/test-database'
import { describeOwnerModel } from './owner-model.contract'

const password = 'correct horse battery'
const apps = new Owners(App.kind)

describeOwnerModel(
  'the application model',
  async () => {
    await openTestDatabase()
    return {
      model: App,
      addOwner: async ({ appname = '', password = '' }) => new App(await apps.create(appname, password)),
      close: closeDatabase,
    }
  },
  'appname',
)

describe('an application', () => {
  before(() => openTestDatabase())
  after(closeDatabase)

  it('is created by operators only: its model has no register', () => {
    expect(App).not.to.have.property('register')
  })

  it('is not the user of the same name, nor by the same credentials', async () => {
    const app = new App(await apps.create('twin', password))
    const user = await User.register({ username: 'twin', password })
    expect(app.toJSON()).to.deep.equal({ id: app.id, appname: 'twin' })
    expect(user.toJSON()).to.deep.equal({ id: user.id, username: 'twin' })
    expect(await User.findByCredentials({ appname: 'twin', password })).to.equal(undefined)
    expect(await App.findByCredentials({ username: 'twin', password })).to.equal(undefined)
    expect(await User.findById(app.id)).to.equal(undefined)
    expect(await App.findById(user.id)).to.equal(undefined)
  })

  it('cannot be taken over by a trust point of users', async () => {
    const { id } = await apps.create('mine', password)
    const error = await User.createOrUpdate({ id, username: 'mine' }, undefined, 'there').catch(
      (error: unknown) => error,
    )
    expect(error).to.include({ code: 'REMOTE_INVALID' })
    expect(await App.findByCredentials({ appname: 'mine', password })).to.include({ id })
  })
})
