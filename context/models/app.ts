import type { OwnerRow } from '../sql'
import { ownerKind } from '../owners/kind'
import { StoredOwner } from '../owners/model'

/**
 * The owner model of a cell that keeps applications, which have an `appname`. It has no `register`, so no DNA can let strangers
 * register: an application may act for every owner of the cells that trust this one (TRUST.md). Operators create
 * applications on the command line.
 */
class App extends StoredOwner {
  static override readonly kind = ownerKind('app', 'appname')

  readonly appname: string

  constructor(row: OwnerRow) {
    super(row)
    this.appname = row.own_name
  }
}

export = App
