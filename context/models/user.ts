import type { OwnerRow } from '../database'
import { ownerKind } from './owner-kind'
import { registerOwner } from './registration'
import { StoredOwner } from './stored-owner'

/** The default owner model of a cell: people, with a username. */
class User extends StoredOwner {
  static override readonly kind = ownerKind('user', 'username')

  readonly username: string

  constructor(row: OwnerRow) {
    super(row)
    this.username = row.own_name
  }

  /** Registers a user. Parameters and errors are those of {@link registerOwner}. */
  static async register(registration: unknown): Promise<User> {
    return new User(await registerOwner(User.kind, registration))
  }
}

export = User
