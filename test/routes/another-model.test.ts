import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import type { Client } from '../support/client'
import { keepErrorLog } from '../support/error-log'
import { Html } from '../support/html'

const HTML = { accept: 'text/html' }
const ADA = { handle: '<ada>', pin: '3141' }
const CHANGE = { currentPassword: '3141', newPassword: '2718' }

/** An owner as a raw document of a database: an `_id` that is an object, and its own fields. */
class Document {
  readonly _id
  readonly #pin

  constructor(
    id: string,
    readonly handle: string,
    pin: string,
  ) {
    this._id = { toString: () => id, toJSON: () => id }
    this.#pin = pin
  }

  hasPin(pin: unknown): boolean {
    return pin === this.#pin
  }
}

/** A model of such owners. @param more what it has besides the three documented functions */
function documents(more: object = {}): object {
  const owner = new Document('first', ADA.handle, ADA.pin)
  return {
    createOrUpdate: () => Promise.resolve(owner),
    findByCredentials: ({ handle, pin }: Record<string, unknown>) =>
      Promise.resolve(owner.handle === handle && owner.hasPin(pin) ? owner : undefined),
    findById: (id: unknown) => Promise.resolve(String(id) === 'first' ? owner : undefined),
    ...more,
  }
}

describe('the shipped routes and pages with another owner model', () => {
  keepErrorLog()
  let cell: TestCell

  async function start(ownerModel: object): Promise<Client> {
    cell = await startTestCell({ plasma: { sessions: { ownerModel } } })
    return cell.client()
  }
  afterEach(() => cell.stop())

  it('name the fields of its kind, and pass only the _id and strings to its functions', async () => {
    const registered = [undefined, new Document('grace', 'grace', '2718')]
    const changes: unknown[] = []
    const changePassword = (id: unknown, change: unknown): Promise<Document> => {
      changes.push([String(id), change])
      return Promise.resolve(new Document('first', ADA.handle, '2718'))
    }
    const register = (): Promise<Document | undefined> => Promise.resolve(registered.shift())
    const client = await start(documents({ kind: { nameKey: 'handle', passwordKey: 'pin' }, register, changePassword }))
    for (const path of ['/login', '/register']) {
      const { inputs } = new Html((await client.get(path, HTML)).text)
      expect(Object.keys(inputs), path).to.deep.equal(['handle', 'pin'])
    }

    const ownerIds: string[] = []
    cell.plasma.on('OwnerRegistered', ({ ownerId }) => ownerIds.push(String(ownerId)))
    expect((await client.post('/api/register', ADA)).status).to.equal(500)
    expect((await client.post('/api/register', ADA)).body).to.deep.equal({ _id: 'grace', handle: 'grace' })
    expect(ownerIds).to.deep.equal(['grace'])

    expect((await client.submit('/api/login', ADA)).status).to.equal(303)
    expect((await client.get('/', HTML)).text)
      .to.include('You are logged in as &lt;ada&gt;.')
      .and.not.match(/undefined|\[object|<ada>/)
    for (const currentPassword of [{ $ne: null }, ['3141'], null, 3141]) {
      const { body } = await client.post('/api/password', { ...CHANGE, currentPassword })
      expect(body).to.include({ status: 400, code: 'INVALID_PASSWORD_CHANGE' })
    }
    expect((await client.post('/api/password', CHANGE)).status).to.equal(204)
    expect(changes).to.deep.equal([['first', CHANGE]])
  })

  it('name the user by the _id if the model has no kind, and offer only what it has functions for', async () => {
    const client = await start(documents())
    expect((await client.get('/', HTML)).text)
      .to.include('/login')
      .and.not.include('register')
    for (const path of ['/api/register', '/register']) expect((await client.post(path, ADA)).status).to.equal(404)
    expect((await client.post('/api/login', ADA)).body).to.deep.equal({ _id: 'first', handle: '<ada>' })
    expect((await client.get('/', HTML)).text).to.include('You are logged in as first.')
    expect((await client.get('/account', HTML)).text)
      .to.include('first')
      .and.not.match(/undefined|\[object|\/account\/password/)
    for (const path of ['/api/password', '/account/password'])
      expect((await client.post(path, CHANGE)).status).to.equal(404)
    expect((await client.get('/api/me')).body).to.deep.equal({ _id: 'first', handle: '<ada>' })
  })
})
