import type { Client } from './client'
import { handleOf, type SharedCells, type TestOwner } from './shared-cells'

/** An owner with two sessions, the first of which is to end. */
export interface Scene {
  cells: SharedCells
  owner: TestOwner
  old: Client
  other: Client
}

/** What an end has come to. */
interface Outcome {
  status: number
  /** Who is logged in afterwards. */
  alive: Client[]
  /** Whose sessions are no longer kept. */
  dead: Client[]
  /** Who is not logged in either. A request may have saved his session as nobody's before it could be deleted. */
  nobody?: Client[]
}

/** One way in which a session ends. */
export interface SessionEnd {
  /** As in "is ended by …". */
  by: string
  /** OWASP ASVS. */
  rule: string
  run: (scene: Scene) => Promise<Outcome>
  statuses: number[]
  /** Whether this process does it, as the operator's. */
  isOperators?: boolean
  /** Whether it takes as long as two hashes do, and fewer interleavings are enough. */
  isSlow?: boolean
  /** What the operator does later. */
  later?: (scene: Scene) => Promise<void>
}

const NEW_PASSWORD = 'battery horse staple'
/** Where one of its own requests has given the session up in the meantime, there is nothing left to end. */
const ENDED = [204, 401, 404]

export const SESSION_ENDS: SessionEnd[] = [
  {
    by: 'its logout',
    rule: '7.4.1',
    async run({ cells, old, other }) {
      const { status } = await old.copy(cells.there).post('/api/logout')
      return { status, alive: [other], dead: [old] }
    },
    statuses: ENDED,
  },
  {
    by: 'its owner, who ends it from another one',
    rule: '7.4.1',
    async run({ cells, old, other }) {
      const { status } = await other.copy(cells.there).send('DELETE', `/api/sessions/${handleOf(old)}`)
      return { status, alive: [other], dead: [old] }
    },
    statuses: ENDED,
  },
  {
    by: 'its owner, who ends all others from another one',
    rule: '7.4.1',
    async run({ cells, old, other }) {
      const { status } = await other.copy(cells.there).send('DELETE', '/api/sessions')
      return { status, alive: [other], dead: [old] }
    },
    statuses: [204],
  },
  {
    by: 'a new password, set in another one',
    rule: '7.4.3',
    async run({ cells, owner, old, other }) {
      const setting = other.copy(cells.there)
      const { status } = await setting.post('/api/password', {
        currentPassword: owner.password,
        newPassword: NEW_PASSWORD,
      })
      return { status, alive: [setting], dead: [other], nobody: [old] }
    },
    statuses: [204],
  },
  {
    by: 'a new password, set in itself',
    rule: '7.4.3',
    async run({ cells, owner, old, other }) {
      const setting = old.copy(cells.there)
      const { status } = await setting.post('/api/password', {
        currentPassword: owner.password,
        newPassword: NEW_PASSWORD,
      })
      // Where it was given up meanwhile, the password may have been changed before that was seen.
      return status === 204
        ? { status, alive: [setting], dead: [old], nobody: [other] }
        : { status, alive: [], dead: [old] }
    },
    statuses: [204, 401],
    isSlow: true,
  },
  {
    by: 'a second login with its cookie',
    rule: '7.2.4',
    async run({ cells, owner, old, other }) {
      const again = old.copy(cells.there)
      const { status } = await again.post('/api/login', { username: owner.username, password: owner.password })
      return { status, alive: [again, other], dead: [old] }
    },
    statuses: [200],
  },
  {
    by: 'its operator, who disables its owner and later lets him in again',
    isOperators: true,
    rule: '7.4.2',
    run: (scene) => byOperator(scene, 'disable'),
    later: ({ cells, owner }) => cells.operator.enable(owner.username),
    statuses: [204],
  },
  {
    by: 'its operator, who deletes its owner',
    isOperators: true,
    rule: '7.4.2',
    run: (scene) => byOperator(scene, 'delete'),
    statuses: [204],
  },
  {
    by: "its operator, who ends its owner's sessions",
    isOperators: true,
    rule: '7.4.5',
    run: (scene) => byOperator(scene, 'endSessions'),
    statuses: [204],
  },
  {
    by: 'its operator, who gives its owner another password',
    isOperators: true,
    rule: '7.4.3',
    run: (scene) => byOperator(scene, 'resetPassword'),
    statuses: [204],
  },
]

async function byOperator(
  { cells, owner, old, other }: Scene,
  how: 'disable' | 'delete' | 'endSessions' | 'resetPassword',
): Promise<Outcome> {
  await cells.operator[how](owner.username, NEW_PASSWORD)
  // Their stamp ends both. Either one may have been saved as nobody's before it could be deleted.
  return { status: 204, alive: [], dead: [], nobody: [old, other] }
}
