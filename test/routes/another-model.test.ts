import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestCell, type TestCell } from '../support/cell'
import type { Answer, Client } from '../support/client'
import { ROOT } from '../support/project'
import { temporaryFolder, writeFiles } from '../support/temporary-folder'

const HTML = { accept: 'text/html' }

/** An owner as a document database has it: an `_id` of its own kind, and fields of its own. */
class Document {
  readonly _id
  readonly handle
  readonly #pin

  constructor(id: string, handle: string, pin: string) {
    this._id = { toString: () => id, toJSON: () => id }
    this.handle = handle
    this.#pin = pin
  }

  hasPin(pin: unknown): boolean {
    return pin === this.#pin
  }
}

/** A model of such owners. @param more what it has besides the three functions */
function documents(more: object = {}): object & { changes: unknown[] } {
  const owners = [new Document('first', '<ada>', '3141')]
  const model = {
    changes: [] as unknown[],
    createOrUpdate: () => Promise.resolve(owners[0]),
    findByCredentials: ({ handle, pin }: Record<string, unknown>) =>
      Promise.resolve(owners.find((owner) => owner.handle === handle && owner.hasPin(pin))),
    findById: (id: unknown) => Promise.resolve(owners.find(({ _id }) => String(_id) === String(id))),
    register({ handle, pin }: { handle: string; pin: string }) {
      const owner = new Document(handle, handle, pin)
      owners.push(owner)
      return Promise.resolve(owner)
    },
    changePassword(id: unknown, change: unknown) {
      model.changes.push([String(id), change])
      return Promise.resolve(owners.find(({ _id }) => String(_id) === String(id)))
    },
    ...more,
  }
  return model
}

describe('the shipped routes and pages, with another owner model', () => {
  let cell: TestCell
  let told: Organic.Chemical[]

  async function start(ownerModel: object): Promise<Client> {
    cell = await startTestCell({ plasma: { sessions: { ownerModel } } })
    told = []
    cell.plasma.on('OwnerRegistered', (chemical: Organic.Chemical) => told.push(chemical))
    return cell.client()
  }
  afterEach(() => cell.stop())

  const expectNoHole = ({ text }: Answer): void => {
    expect(text).not.to.match(/undefined|\[object/)
  }
  const fieldsOf = ({ text }: Answer, action: string): string[] => {
    const [, form = ''] = text.split(`action="${action}">`)
    return [...(form.split('</form>')[0]?.matchAll(/<input name="(\w+)"/g) ?? [])].map(([, name = '']) => name)
  }

  it('has forms with its fields, and says who is logged in by the name', async () => {
    const client = await start(documents({ kind: { nameKey: 'handle', passwordKey: 'pin' } }))
    const page = await client.get('/', HTML)
    expect(fieldsOf(page, '/api/login')).to.deep.equal(['handle', 'pin'])
    expect(fieldsOf(page, '/api/register')).to.deep.equal(['handle', 'pin'])
    expect((await client.submit('/api/login', { handle: '<ada>', pin: '3141' })).status).to.equal(303)
    const own = await client.get('/', HTML)
    expect(own.text).to.include('<strong>&lt;ada&gt;</strong>')
    expectNoHole(own)
  })

  it('says who is logged in by the _id, where nothing says what a name is called', async () => {
    const client = await start(documents())
    expect((await client.post('/api/login', { handle: '<ada>', pin: '3141' })).body).to.deep.equal({
      _id: 'first',
      handle: '<ada>',
    })
    const page = await client.get('/', HTML)
    expect(page.text).to.include('<strong>first</strong>')
    expectNoHole(page)
    expect((await client.get('/api/me')).body).to.deep.equal({ _id: 'first', handle: '<ada>' })
  })

  it('tells of a registration with the _id', async () => {
    const client = await start(documents())
    expect((await client.post('/api/register', { handle: 'grace', pin: '2718' })).body).to.deep.equal({
      _id: 'grace',
      handle: 'grace',
    })
    expect(told.map(({ ownerId }) => String(ownerId))).to.deep.equal(['grace'])
  })

  it('answers 500 where a registration gives no owner, and goes on', async () => {
    const client = await start(documents({ register: () => Promise.resolve(undefined) }))
    expect((await client.post('/api/register', { handle: 'grace', pin: '2718' })).status).to.equal(500)
    expect(told).to.deep.equal([])
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('changes a password by the _id, and lets no object through to the model', async () => {
    const model = documents()
    const client = await start(model)
    await client.post('/api/login', { handle: '<ada>', pin: '3141' })
    for (const currentPassword of [{ $ne: null }, ['3141'], null, 3141]) {
      const { status, body } = await client.post('/api/password', { currentPassword, newPassword: '2718' })
      expect(status).to.equal(400)
      expect(body).to.include({ code: 'INVALID_PASSWORD_CHANGE' })
    }
    expect(model.changes).to.deep.equal([])
    const change = { currentPassword: '3141', newPassword: '2718' }
    expect((await client.post('/api/password', change)).status).to.equal(204)
    expect(model.changes).to.deep.equal([['first', change]])
  })

  it('offers neither to register nor to change a password where it has no function for it', async () => {
    const client = await start(documents({ register: undefined, changePassword: undefined }))
    expect((await client.get('/', HTML)).text)
      .to.include('/api/login')
      .and.not.include('register')
    expect((await client.post('/api/register', { handle: 'grace', pin: '2718' })).status).to.equal(404)
    await client.post('/api/login', { handle: '<ada>', pin: '3141' })
    expect((await client.get('/', HTML)).text)
      .to.include('/api/logout')
      .and.not.include('/api/password')
    expect((await client.post('/api/password', { currentPassword: '3141', newPassword: '2718' })).status).to.equal(404)
  })

  it("works with the README's model, on the page and by the API", async () => {
    const source =
      /^`context\/models\/member\.js`:\n\n```js\n([\s\S]*?)```/m.exec(
        readFileSync(join(ROOT, 'docs/owner-models.md'), 'utf8'),
      )?.[1] ?? ''
    const folder = temporaryFolder()
    writeFiles(folder, { 'member.js': source })
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the file is the README's
    const client = await start(require(join(folder, 'member.js')) as object)
    const page = await client.get('/', HTML)
    expect(fieldsOf(page, '/api/login')).to.deep.equal(['email', 'pin'])
    expect(page.text).not.to.include('register')
    expect((await client.post('/api/login', { email: 'ada@example.org', pin: '2718' })).status).to.equal(401)
    expect((await client.post('/api/login', { email: 'eve@example.org', pin: '3141' })).status).to.equal(401)
    expect((await client.submit('/api/login', { email: 'ada@example.org', pin: '3141' })).status).to.equal(303)
    const own = await client.get('/', HTML)
    expect(own.text).to.include('<strong>ada@example.org</strong>').and.not.include('/api/password')
    const { body } = await client.get('/api/me')
    expect(body).to.have.keys('id', 'email')
    // An application names an owner by the id: it must not be guessed.
    expect((body as { id: unknown }).id).to.match(/^[\da-f-]{36}$/)
    expect(JSON.stringify(body)).not.to.match(/pin|hash|salt/)
    expectNoHole(own)
  })
})
