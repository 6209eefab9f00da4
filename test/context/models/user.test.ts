import User from '../../../context/models/user'
import { closeDatabase } from '../../../context/sql'
import type { Owner, OwnerModel } from '../../../plasma/sessions/types'
import { called } from '../../support/called'
import { openTestDatabase } from '../../support/test-database'
import PlainOwner from '../../support/plain-owner-model.cjs'
import { describeOwnerModel, ownerIn } from './owner-model.contract'

describeOwnerModel('the user model', async () => {
  await openTestDatabase()
  return { model: User, addOwner: (credentials) => User.register(credentials), close: closeDatabase }
})

describeOwnerModel('a model in plain JavaScript', () => {
  const model = PlainOwner as unknown as OwnerModel<Owner, Record<string, unknown>>
  return Promise.resolve({
    model,
    addOwner: async (credentials) =>
      ownerIn(await called((done) => model.createOrUpdate({ id: 'known', ...credentials }, done))),
    close: () => Promise.resolve(),
  })
})
