import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { database, prepare, type UserRow } from '../database'
import { InvalidCredentialsShape, Problem, RemoteInvalid } from '../errors'
import { PASSWORD_LENGTH, hashPassword, verifyPassword } from '../passwords'

type Callback = (error?: unknown, user?: User) => void

const text = (max: number): z.ZodString => z.string('must be a text').max(max, `must have at most ${String(max)} characters`)

const credentialsShape = z.strictObject({
  username: text(256),
  password: text(PASSWORD_LENGTH.max),
})

const registrationShape = z.strictObject({
  username: text(64)
    .min(1, 'must not be empty')
    .refine((name) => name.trim() === name, 'must not begin or end with a space')
    .refine((name) => !/\p{C}/u.test(name), 'must not have control characters'),
  password: text(PASSWORD_LENGTH.max).min(
    PASSWORD_LENGTH.min,
    `must have at least ${String(PASSWORD_LENGTH.min)} characters`,
  ),
})

/** What a trust point's answer must have. Whatever else it has is dropped. */
const remoteShape = z.object({
  id: z.union([text(255).min(1), z.number()]).transform(String),
  username: registrationShape.shape.username,
})

const findRow = prepare((db) => db.selectFrom('users').selectAll().where('id', '=', ''))

/**
 * The owner model of this cell: users with a name and a password, in the cell's database.
 * Each static of the documented interface answers by callback, or by a promise where it gets none.
 */
class User {
  readonly id: string
  readonly username: string

  constructor(row: Pick<UserRow, 'id' | 'username'>) {
    this.id = row.id
    this.username = row.username
  }

  /** What others may see. Never the hash: a `User` does not have it. */
  toJSON(): { id: string; username: string } {
    return { id: this.id, username: this.username }
  }

  /**
   * Makes a user with a password.
   *
   * @param registration `{ username, password }`, as received
   * @throws {Problem} 400 for what is no registration, 409 `USERNAME_TAKEN`
   */
  static async register(registration: unknown): Promise<User> {
    const { username, password } = parse(registrationShape, registration, (detail) => {
      return new Problem(400, 'INVALID_REGISTRATION', detail)
    })
    const password_hash = await hashPassword(password)
    const row = newRow({ id: randomUUID(), username, password_hash })
    const inserted = await database()
      .insertInto('users')
      .values(row)
      .onConflict((conflict) => conflict.column('username_key').doNothing())
      .executeTakeFirst()
    if (inserted.numInsertedOrUpdatedRows !== 1n) {
      throw new Problem(409, 'USERNAME_TAKEN', 'This username is taken.')
    }
    return new User(row)
  }

  /**
   * Keeps a trust point's answer as an owner under the id that it has there. An owner who registered here keeps his
   * id and his name: an answer that names either is refused.
   *
   * @param ownerData `{ id, username }` and whatever else, which is dropped
   * @throws {RemoteInvalid} (in the callback) when the answer is no owner, or another one's
   */
  static createOrUpdate(ownerData: unknown, callback?: Callback): Promise<User | undefined> {
    return answer(keepRemote(ownerData), callback)
  }

  /**
   * @param credentials `{ username, password }`, as received
   * @throws {InvalidCredentialsShape} (in the callback) when they are anything else
   */
  static findByCredentials(credentials: unknown, callback?: Callback): Promise<User | undefined> {
    return answer(findByPassword(credentials), callback)
  }

  /** The user with this id, or none. */
  static findById(id: unknown, callback?: Callback): Promise<User | undefined> {
    return answer(
      findRow(String(id)).then(([row]) => row && new User(row)),
      callback,
    )
  }
}

async function findByPassword(credentials: unknown): Promise<User | undefined> {
  const { username, password } = parse(credentialsShape, credentials, (detail) => new InvalidCredentialsShape(detail))
  const row = await database()
    .selectFrom('users')
    .selectAll()
    .where('username_key', '=', usernameKey(username))
    .executeTakeFirst()
  const matches = await verifyPassword(row?.password_hash, password)
  return row && matches ? new User(row) : undefined
}

async function keepRemote(ownerData: unknown): Promise<User> {
  const { id, username } = parse(remoteShape, ownerData, (detail) => new RemoteInvalid(`No owner: ${detail}`))
  const row = newRow({ id, username, password_hash: null })
  return database()
    .transaction()
    .execute(async (db) => {
      const namesake = await db.selectFrom('users').select('id').where('username_key', '=', row.username_key).executeTakeFirst()
      const known = await db.selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirst()
      if ((namesake && namesake.id !== id) || known?.password_hash) {
        throw new RemoteInvalid('The answer names an owner who is another one here.')
      }
      const { username_key, updated_at } = row
      if (known) await db.updateTable('users').set({ username, username_key, updated_at }).where('id', '=', id).execute()
      else await db.insertInto('users').values(row).execute()
      return new User(row)
    })
}

function newRow(row: Pick<UserRow, 'id' | 'username' | 'password_hash'>): UserRow {
  const now = Date.now()
  return { ...row, username_key: usernameKey(row.username), created_at: now, updated_at: now }
}

/** Two names that read the same are the same. */
function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase()
}

function parse<S extends z.ZodType>(shape: S, value: unknown, refuse: (detail: string) => Error): z.output<S> {
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue?.code === 'unrecognized_keys') throw refuse('There are fields that are not expected.')
  const field = issue?.path.join('.')
  throw refuse(field ? `${field} ${issue?.message ?? 'is invalid'}.` : 'An object with username and password is expected.')
}

/** Documented: an owner that is not found is a callback without arguments. */
function answer(found: Promise<User | undefined>, callback: Callback | undefined): Promise<User | undefined> {
  if (!callback) return found
  found.then(
    (user) => {
      if (user) process.nextTick(callback, null, user)
      else process.nextTick(callback)
    },
    (error: unknown) => {
      process.nextTick(callback, error)
    },
  )
  return found.catch(() => undefined)
}

export = User
