import type { Owner, OwnerModel } from '../../../plasma/sessions/types'
import { called } from '../../support/called'
import { onEachDatabase } from '../../support/database-places'
import PlainOwner from '../../support/plain-owner-model.cjs'
import { PASSWORD, TestOwners } from '../../support/test-owners'
import { describeOwnerModel, ownerIn } from './owner-model.contract'

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

describeOwnerModel(
  'a model in plain JavaScript',
  async () => {
    const model = PlainOwner as unknown as OwnerModel<Owner, Record<string, unknown>>
    const known = ownerIn(await called((done) => model.createOrUpdate({ id: 'known', ...credentials }, done)))
    return { model, known, close: () => Promise.resolve() }
  },
  credentials,
)
