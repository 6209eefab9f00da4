import { expect } from 'chai'
import { PasswordHasher } from '../../context/owners/passwords'
import { Client, type Answer } from '../support/client'
import { onEachDatabase } from '../support/database-places'
import { SharedCells, type TestOwner } from '../support/shared-cells'

/** An owner with two sessions, of which `old` is to end. Both act at the cell `there`. */
interface Scene {
  cells: SharedCells
  owner: TestOwner
  old: Client
  other: Client
}

/** One way in which a session ends. */
interface SessionEnd {
  /** Completes "ended by …". */
  by: string
  /** As in `OWASP ASVS 7.4.1`. */
  rule: string
  run: (scene: Scene) => Promise<Answer | undefined>
  /** The clients that are still logged in, perhaps by a new cookie. */
  alive: ('old' | 'other')[]
  /** If it ends logins in flight too: the password that works later, or none. */
  password?: string | undefined
  endsLogins?: true
  /** What the operator does later to let the owner in again. */
  later?: (scene: Scene) => Promise<void>
}

const NEW_PASSWORD = 'battery horse staple'

const changePassword = (client: Client, { password }: TestOwner): Promise<Answer> =>
  client.post('/api/password', { currentPassword: password, newPassword: NEW_PASSWORD })

function byOperator(
  by: string,
  rule: string,
  act: (operator: SharedCells['operator'], name: string) => Promise<void>,
  more: Partial<SessionEnd> = {},
): SessionEnd {
  const run = async ({ cells, owner }: Scene): Promise<undefined> => {
    await act(cells.operator, owner.username)
  }
  return { by: `the operator, who ${by}`, rule, run, alive: [], endsLogins: true, ...more }
}

const SESSION_ENDS: SessionEnd[] = [
  { by: 'its logout', rule: 'OWASP ASVS 7.4.1', run: ({ old }) => old.post('/api/logout'), alive: ['other'] },
  {
    by: 'its owner, from another session',
    rule: 'OWASP ASVS 7.4.1',
    async run({ old, other }) {
      const { body } = await old.copy().get('/api/sessions')
      const { id } = (body as { id: string; current: boolean }[]).find(({ current }) => current) ?? { id: '' }
      return other.send('DELETE', `/api/sessions/${id}`)
    },
    alive: ['other'],
  },
  {
    by: 'its owner, who ends all others',
    rule: 'OWASP ASVS 7.4.1',
    run: ({ other }) => other.send('DELETE', '/api/sessions'),
    alive: ['other'],
  },
  {
    by: 'a new password, set in another session',
    rule: 'OWASP ASVS 7.4.3',
    run: ({ other, owner }) => changePassword(other, owner),
    alive: ['other'],
    endsLogins: true,
    password: NEW_PASSWORD,
  },
  {
    by: 'a new password, set in itself',
    rule: 'OWASP ASVS 7.4.3',
    run: ({ old, owner }) => changePassword(old, owner),
    alive: ['old'],
    endsLogins: true,
    password: NEW_PASSWORD,
  },
  {
    by: 'a second login with its cookie',
    rule: 'OWASP ASVS 7.2.4',
    run: ({ old, owner: { username, password } }) => old.post('/api/login', { username, password }),
    alive: ['old', 'other'],
  },
  byOperator(
    'disables its owner and later enables them',
    'OWASP ASVS 7.4.2',
    (operator, name) => operator.disable(name),
    {
      later: ({ cells, owner }) => cells.operator.enable(owner.username),
    },
  ),
  byOperator('deletes its owner', 'OWASP ASVS 7.4.2', (operator, name) => operator.delete(name), { password: '' }),
  byOperator("ends its owner's sessions", 'OWASP ASVS 7.4.5', (operator, name) => operator.endSessions(name)),
  byOperator(
    'sets another password',
    'OWASP ASVS 7.4.3',
    (operator, name) => operator.resetPassword(name, NEW_PASSWORD),
    {
      password: NEW_PASSWORD,
    },
  ),
]

onEachDatabase('a session that ends at one of two cells on one database', (newPlace) => {
  const cells = new SharedCells()
  const { verify } = PasswordHasher.prototype

  before(async () => {
    const place = await newPlace()
    await cells.start(typeof place === 'string' ? undefined : place.url)
  })
  afterEach(() => {
    PasswordHasher.prototype.verify = verify
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
    const answer = copy.post('/races/steps', ['hold', ...steps])
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
    it(`is not revived by its requests in flight when it is ended by ${by} (${rule})`, async () => {
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
    it(`takes a login in flight with it when it is ended by ${by} (${rule})`, async () => {
      const scene = await newScene()
      const { username } = scene.owner
      const logIn = async (given: string): Promise<[Client, number]> => {
        const client = new Client(cells.here)
        return [client, (await client.post('/api/login', { username, password: given })).status]
      }
      let release: (() => void) | undefined
      const verified = new Promise<void>((resolve) => {
        // The password is right, and the login not written yet.
        PasswordHasher.prototype.verify = async function (...values) {
          PasswordHasher.prototype.verify = verify
          const isRight = await verify.apply(this, values)
          await new Promise<void>((go) => {
            release = go
            resolve()
          })
          return isRight
        }
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
})
