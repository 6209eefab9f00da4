import { expect } from 'chai'
import type { Owner, OwnerModel } from '../../../plasma/sessions/owner-model'
import { called } from '../../support/called'

type AnyModel = OwnerModel<Owner, Record<string, unknown>>

/** An owner model that is ready to be asked. */
export interface OpenOwnerModel {
  model: AnyModel
  /** An owner who can log in with the credentials that {@link describeOwnerModel} was given. */
  known: Owner
  close(): Promise<void>
}

/** The owner that a callback got. */
function ownerIn([error, owner]: unknown[]): Owner & Record<string, unknown> {
  expect(error, 'error').to.equal(null)
  expect(owner, 'owner').to.be.an('object')
  return owner as Owner & Record<string, unknown>
}

/** What every owner model must do (README, "Another owner model"). */
export function describeOwnerModel(
  name: string,
  open: () => Promise<OpenOwnerModel>,
  credentials: Record<string, string>,
): void {
  describe(`${name}, as an owner model`, () => {
    const [nameKey = ''] = Object.keys(credentials)
    let opened: OpenOwnerModel
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())

    /** Rejects if the callback is called twice, or before the call has returned. */
    const ask = (method: 'createOrUpdate' | 'findByCredentials' | 'findById', subject: unknown): Promise<unknown[]> =>
      called((done) => (opened.model[method] as (...values: unknown[]) => unknown)(subject, done))

    it('creates and updates an owner, who keeps the id', async () => {
      for (const ownName of ['before', 'after', 'after']) {
        const owner = ownerIn(await ask('createOrUpdate', { id: 'remote', [nameKey]: ownName }))
        expect(owner).to.include({ id: 'remote', [nameKey]: ownName })
        expect(ownerIn(await ask('findById', 'remote'))).to.include({ id: 'remote', [nameKey]: ownName })
      }
    })

    it('finds an owner by credentials and by id', async () => {
      const { id } = opened.known
      expect(ownerIn(await ask('findByCredentials', credentials)).id).to.equal(id)
      expect(ownerIn(await ask('findById', id)).id).to.equal(id)
    })

    it('calls back without arguments if nobody is found', async () => {
      for (const changes of [{ password: 'wrong horse battery' }, { password: '' }, { [nameKey]: 'nobody' }])
        expect(await ask('findByCredentials', { ...credentials, ...changes })).to.deep.equal([])
      for (const id of ['no-such-id', '', undefined, `' or 1=1 --`, 'a\0b'])
        expect(await ask('findById', id)).to.deep.equal([])
    })
  })
}
