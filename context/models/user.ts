import type { OwnerRow } from '../database'
import { ownerKind } from './owner-kind'
import { StoredOwner } from './stored-owner'

/** The default owner model of a cell: people, with a username. */
class User extends StoredOwner {
  static override readonly kind = ownerKind('user', 'username')

  readonly username: string

  constructor(row: OwnerRow) {
    super(row)
    this.username = row.own_name
  }
}

export = User
