import type { OwnerRow } from '../sql'
import { ownerKind } from '../owners/kind'
import { registerOwner } from '../owners/registration'
import { StoredOwner } from '../owners/model'

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
