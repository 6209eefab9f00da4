import { expect } from 'chai'
import { onEachDatabase } from '../../support/database-places'
import { PASSWORD, TestOwners } from '../../support/test-owners'
import { describeOwnerModel } from './owner-model.contract'

const credentials = { appname: 'gabriel', password: PASSWORD }

onEachDatabase('owners of the application model', (newPlace) => {
  describeOwnerModel(
    'the application model',
    async () => {
      const owners = await TestOwners.open(await newPlace())
      const known = await owners.appAdmin.create(credentials.appname, PASSWORD)
      return { model: owners.apps, known, close: () => owners.close() }
    },
    credentials,
  )
})

describe('an application', () => {
  it('cannot register, and is not the user of the same name', async () => {
    const owners = await TestOwners.open()
    try {
      expect(owners.apps).not.to.have.property('register')
      const { id } = await owners.appAdmin.create('twin', PASSWORD)
      const user = await owners.users.register({ username: 'twin', password: PASSWORD })
      const app = await owners.apps.findById(id)
      expect(JSON.parse(JSON.stringify([app, user]))).to.deep.equal([
        { id, appname: 'twin' },
        { id: user.id, username: 'twin' },
      ])
      expect(app).to.include({ appname: 'twin' })
      expect(await owners.users.findById(id)).to.equal(undefined)
      expect(await owners.apps.findById(user.id)).to.equal(undefined)
      expect(await owners.apps.findByCredentials({ username: 'twin', password: PASSWORD })).to.equal(undefined)
    } finally {
      await owners.close()
    }
  })
})
