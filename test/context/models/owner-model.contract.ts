import { expect } from 'chai'
import type { Owner, OwnerModel } from '../../../plasma/sessions/types'
import { called } from '../../support/called'

/** An owner model that is ready to be asked. */
export interface OpenOwnerModel {
  model: OwnerModel<Owner, Record<string, unknown>>
  /** Adds an owner who can log in with these credentials. */
  addOwner(credentials: Record<string, string>): Promise<Owner>
  close(): Promise<void>
}

/** The owner of an answer that must be one. */
export function ownerIn([error, owner]: unknown[]): Owner & Record<string, unknown> {
  expect(error, 'error').to.equal(null)
  expect(owner, 'owner').to.be.an('object')
  return owner as Owner & Record<string, unknown>
}

/**
 * What every owner model must do (README, "Another owner model").
 *
 * @param nameKey what its owners' names are called
 */
export function describeOwnerModel(name: string, open: () => Promise<OpenOwnerModel>, nameKey = 'username'): void {
  describe(`${name}, as an owner model`, () => {
    const credentials = { [nameKey]: 'gabriel', password: 'correct horse battery' }
    let opened: OpenOwnerModel
    let model: OpenOwnerModel['model']
    let known: Owner

    before(async () => {
      opened = await open()
      model = opened.model
      known = await opened.addOwner(credentials)
    })
    after(() => opened.close())

    describe('createOrUpdate', () => {
      it('creates an owner that it does not have, with an id', async () => {
        const owner = ownerIn(
          await called((done) => model.createOrUpdate({ id: 'new-1', [nameKey]: 'newcomer' }, done)),
        )
        expect(owner.id).to.equal('new-1')
        expect(ownerIn(await called((done) => model.findById('new-1', done)))[nameKey]).to.equal('newcomer')
      })

      it('updates an owner that it has, who keeps his id', async () => {
        await called((done) => model.createOrUpdate({ id: 'new-2', [nameKey]: 'before' }, done))
        const owner = ownerIn(await called((done) => model.createOrUpdate({ id: 'new-2', [nameKey]: 'after' }, done)))
        expect(owner).to.include({ id: 'new-2', [nameKey]: 'after' })
        expect(ownerIn(await called((done) => model.findById('new-2', done)))[nameKey]).to.equal('after')
      })

      it('takes the same owner twice', async () => {
        const data = { id: 'new-3', [nameKey]: 'same' }
        await called((done) => model.createOrUpdate(data, done))
        expect(ownerIn(await called((done) => model.createOrUpdate(data, done))).id).to.equal('new-3')
      })
    })

    describe('findByCredentials', () => {
      it('finds the owner of the credentials', async () => {
        const owner = ownerIn(await called((done) => model.findByCredentials(credentials, done)))
        expect(owner.id).to.equal(known.id)
      })

      const others = [
        { what: 'a wrong password', credentials: { ...credentials, password: 'wrong horse battery' } },
        { what: 'an empty password', credentials: { ...credentials, password: '' } },
        { what: 'an unknown owner', credentials: { ...credentials, [nameKey]: 'nobody' } },
        {
          what: 'an unknown owner and a wrong password',
          credentials: { [nameKey]: 'nobody', password: 'wrong horse battery' },
        },
      ]
      for (const { what, credentials } of others) {
        it(`calls back without arguments for ${what}`, async () => {
          expect(await called((done) => model.findByCredentials(credentials, done))).to.deep.equal([])
        })
      }
    })

    describe('findById', () => {
      it('finds the owner with the id', async () => {
        expect(ownerIn(await called((done) => model.findById(known.id, done))).id).to.equal(known.id)
      })

      for (const id of ['no-such-id', '']) {
        it(`calls back without arguments for the id "${id}"`, async () => {
          expect(await called((done) => model.findById(id, done))).to.deep.equal([])
        })
      }
    })

    const questions: Record<string, (done: (...values: unknown[]) => void) => unknown> = {
      createOrUpdate: (done) => model.createOrUpdate({ id: 'new-4', [nameKey]: 'once' }, done),
      'findByCredentials, found': (done) => model.findByCredentials(credentials, done),
      'findByCredentials, not found': (done) => model.findByCredentials({ ...credentials, [nameKey]: 'nobody' }, done),
      'findById, found': (done) => model.findById(known.id, done),
      'findById, not found': (done) => model.findById('no-such-id', done),
    }
    for (const [name, question] of Object.entries(questions)) {
      it(`calls back once, and never before it has returned: ${name}`, async () => {
        // Rejects otherwise.
        await called(question)
      })
    }
  })
}
