import { onEachDatabase } from '../../support/database-places'
import { PASSWORD, TestOwners } from '../../support/test-owners'
import { describeOwnerModel } from './owner-model.contract'

const credentials = { username: 'gabriel', password: PASSWORD }

onEachDatabase('owners of the user model', (newPlace) => {
  describeOwnerModel(
    'the user model',
    async () => {
      const owners = await TestOwners.open(await newPlace())
      return { model: owners.users, known: await owners.users.register(credentials), close: () => owners.close() }
    },
    credentials,
  )
})
