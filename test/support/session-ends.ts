import type { Answer, Client } from './client'
import type { SharedCells, TestOwner } from './shared-cells'

/** An owner with two sessions, of which `old` is to end. Both act at the cell `there`. */
export interface Scene {
  cells: SharedCells
  owner: TestOwner
  old: Client
  other: Client
}

/** One way in which a session ends. */
export interface SessionEnd {
  /** Completes "ended by …". */
  by: string
  /** OWASP ASVS. */
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

export const SESSION_ENDS: SessionEnd[] = [
  { by: 'its logout', rule: '7.4.1', run: ({ old }) => old.post('/api/logout'), alive: ['other'] },
  {
    by: 'its owner, from another session',
    rule: '7.4.1',
    async run({ old, other }) {
      const { body } = await old.copy().get('/api/sessions')
      const { id } = (body as { id: string; current: boolean }[]).find(({ current }) => current) ?? { id: '' }
      return other.send('DELETE', `/api/sessions/${id}`)
    },
    alive: ['other'],
  },
  {
    by: 'its owner, who ends all others',
    rule: '7.4.1',
    run: ({ other }) => other.send('DELETE', '/api/sessions'),
    alive: ['other'],
  },
  {
    by: 'a new password, set in another session',
    rule: '7.4.3',
    run: ({ other, owner }) => changePassword(other, owner),
    alive: ['other'],
    endsLogins: true,
    password: NEW_PASSWORD,
  },
  {
    by: 'a new password, set in itself',
    rule: '7.4.3',
    run: ({ old, owner }) => changePassword(old, owner),
    alive: ['old'],
    endsLogins: true,
    password: NEW_PASSWORD,
  },
  {
    by: 'a second login with its cookie',
    rule: '7.2.4',
    run: ({ old, owner: { username, password } }) => old.post('/api/login', { username, password }),
    alive: ['old', 'other'],
  },
  byOperator('disables its owner and later enables them', '7.4.2', (operator, name) => operator.disable(name), {
    later: ({ cells, owner }) => cells.operator.enable(owner.username),
  }),
  byOperator('deletes its owner', '7.4.2', (operator, name) => operator.delete(name), { password: '' }),
  byOperator("ends its owner's sessions", '7.4.5', (operator, name) => operator.endSessions(name)),
  byOperator('sets another password', '7.4.3', (operator, name) => operator.resetPassword(name, NEW_PASSWORD), {
    password: NEW_PASSWORD,
  }),
]
