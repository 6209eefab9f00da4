import { PASSWORD, TestOwners } from '../../support/test-owners'
import { describeOwnerModel } from './owner-model.contract'

const credentials = { username: 'gabriel', password: PASSWORD }

describeOwnerModel(
  'the user model',
  async () => {
    const owners = await TestOwners.open()
    return { model: owners.users, known: await owners.users.register(credentials), close: () => owners.close() }
  },
  credentials,
)
