import { databaseOf, type OwnerRow } from '../sql'
import { createOwnerKind } from '../owners/kind'
import { PasswordHasher } from '../owners/passwords'
import { StoredOwner, StoredOwners } from '../owners/stored-owners'

class User extends StoredOwner {
  readonly username: string

  constructor(row: OwnerRow) {
    super(row, 'username')
    this.username = row.own_name
  }
}

class Users extends StoredOwners<User> {
  /**
   * Registers a user.
   *
   * @param registration the username, a password, and optionally a profile (`name`, `email`), unchecked
   * @throws {Problem} 400 for an invalid registration, 409 if the username is taken
   */
  register(registration: unknown): Promise<User> {
    return this.create(registration)
  }
}

/** The default owner model of a cell: people, with a username, who can register. */
function createUsers(plasma: Organic.Plasma): Users {
  const kind = createOwnerKind('user', 'username')
  return new Users({ kind, Owner: User, database: databaseOf(plasma), hasher: new PasswordHasher(plasma) })
}

// eslint-disable-next-line @typescript-eslint/no-namespace -- how `export =` exports types as well
declare namespace createUsers {
  export { type User, type Users }
}

export = createUsers
