import type { OwnerRow } from '../database'
import { ownerKind } from './owner-kind'
import { StoredOwner } from './stored-owner'

/**
 * The owner model of a cell that keeps applications, with an appname. It has no `register`, so no route can offer it,
 * whatever DNA says: an application acts for every owner of the cells that trust this one (TRUST.md). Its operator makes
 * it on the command line.
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
