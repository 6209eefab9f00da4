import { expect } from 'chai'
import argon2 from '@node-rs/argon2'
import { Client, type Answer } from '../support/client'
import { SESSION_ENDS, type Scene } from '../support/session-ends'
import { SharedCells } from '../support/shared-cells'

describe('a session that ends at one of two cells on one database', () => {
  const cells = new SharedCells()
  const verify = argon2.verify.bind(argon2)

  before(() => cells.start('cell'))
  afterEach(() => {
    Object.assign(argon2, { verify })
  })
  after(() => cells.stop())

  async function newScene(): Promise<Scene> {
    const owner = await cells.newOwner()
    const [old, other] = [await cells.enter(owner), await cells.enter(owner)]
    return { cells, owner, old: old.copy(cells.there), other: other.copy(cells.there) }
  }

  /** Sends steps with a client's cookie to the other cell. Settles when they are held. */
  async function hold(client: Client, ...steps: string[]): Promise<{ client: Client; finish: () => Promise<Answer> }> {
    const copy = client.copy(cells.here)
    const held = cells.held()
    const answer = copy.post('/races/steps', [['hold'], ...steps.map((step) => [step])])
    const release = await held
    return {
      client: copy,
      finish() {
        release()
        return answer
      },
    }
  }

  for (const { by, rule, run, alive } of SESSION_ENDS) {
    it(`is not revived by its requests in flight when it is ended by ${by} (OWASP ASVS ${rule})`, async () => {
      const scene = await newScene()
      const before = { old: scene.old.copy(), other: scene.other.copy() }
      const flights = [
        await hold(scene.old, 'write', 'save', 'touch'),
        await hold(scene.old, 'reload', 'owner', 'write'),
        await hold(scene.old, 'regenerate', 'write'),
      ]
      const others = await hold(scene.other, 'write', 'owner')
      const answer = await run(scene)
      if (answer) expect(answer.status).to.be.oneOf([200, 204])

      for (const { client, finish } of flights) {
        expect((await finish()).status).to.be.oneOf([200, 401])
        expect(await cells.statusesOf(client)).to.deep.equal([401, 401])
      }
      expect((await others.finish()).status).to.be.oneOf([200, 401])
      for (const name of ['old', 'other'] as const) {
        const isAlive = alive.includes(name)
        const isSame = before[name].cookies.get('id') === scene[name].cookies.get('id')
        expect(await cells.statusesOf(scene[name]), `${name} now`).to.deep.equal(isAlive ? [200, 200] : [401, 401])
        const expected = isAlive && isSame ? [200, 200] : [401, 401]
        expect(await cells.statusesOf(before[name]), `${name} before`).to.deep.equal(expected)
      }
    })
  }

  for (const { by, rule, run, password, later } of SESSION_ENDS.filter(({ endsLogins }) => endsLogins)) {
    it(`takes a login in flight with it when it is ended by ${by} (OWASP ASVS ${rule})`, async () => {
      const scene = await newScene()
      const { username } = scene.owner
      const logIn = async (given: string): Promise<[Client, number]> => {
        const client = new Client(cells.here)
        return [client, (await client.post('/api/login', { username, password: given })).status]
      }
      let release: (() => void) | undefined
      const verified = new Promise<void>((resolve) => {
        // The password is right, and the login not written yet.
        Object.assign(argon2, {
          verify: async (...values: Parameters<typeof verify>) => {
            Object.assign(argon2, { verify })
            const isRight = await verify(...values)
            await new Promise<void>((go) => {
              release = go
              resolve()
            })
            return isRight
          },
        })
      })
      const loggingIn = logIn(scene.owner.password)
      await verified
      await run(scene)
      release?.()
      const [client] = await loggingIn
      expect(await cells.statusesOf(client)).to.deep.equal([401, 401])

      await later?.(scene)
      expect(await cells.statusesOf(client)).to.deep.equal([401, 401])
      const [again, status] = await logIn(password ?? scene.owner.password)
      expect(status).to.equal(password === '' ? 401 : 200)
      expect(await cells.statusesOf(again)).to.deep.equal(password === '' ? [401, 401] : [200, 200])
    })
  }

  it('is ended, with its successor, by a logout in flight while it sets another password (OWASP ASVS 7.4.1)', async () => {
    const scene = await newScene()
    const { finish } = await hold(scene.old, 'log out')
    const change = { currentPassword: scene.owner.password, newPassword: 'battery horse staple' }
    expect((await scene.old.post('/api/password', change)).status).to.equal(204)
    expect(await cells.statusesOf(scene.old)).to.deep.equal([200, 200])
    await finish()
    expect(await cells.statusesOf(scene.old)).to.deep.equal([401, 401])
  })

  it('is ended by two logouts at once (OWASP ASVS 7.4.1)', async () => {
    const { old } = await newScene()
    const loggingOut = [cells.here, cells.there].map((address) => old.copy(address).post('/api/logout'))
    const statuses = (await Promise.all(loggingOut)).map(({ status }) => status)
    expect(statuses)
      .to.include(204)
      .and.satisfy(() => statuses.every((status) => status === 204 || status === 401))
    expect(await cells.statusesOf(old)).to.deep.equal([401, 401])
  })

  it('lets only one of two password changes at once succeed, in two sessions (OWASP ASVS 7.4.3)', async () => {
    const { owner, ...scene } = await newScene()
    const clients = [scene.old.copy(cells.here), scene.other]
    const changing = clients.map(async (client, index) => {
      const newPassword = `battery horse staple ${index}`
      const { status } = await client.post('/api/password', { currentPassword: owner.password, newPassword })
      return { client, status, newPassword }
    })
    const changes = await Promise.all(changing)
    expect(changes.filter(({ status }) => status === 204)).to.have.length(1)
    for (const { client, status, newPassword } of changes) {
      const isDone = status === 204
      if (!isDone) expect(status).to.be.oneOf([401, 403])
      expect(await cells.statusesOf(client)).to.deep.equal(isDone ? [200, 200] : [401, 401])
      const login = await new Client(cells.there).post('/api/login', {
        username: owner.username,
        password: newPassword,
      })
      expect(login.status).to.equal(isDone ? 200 : 401)
    }
  })
})
