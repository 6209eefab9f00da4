import { databaseOf, type OwnerRow } from '../sql'
import { createOwnerKind } from '../owners/kind'
import { PasswordHasher } from '../owners/passwords'
import { StoredOwner, StoredOwners } from '../owners/stored-owners'

class App extends StoredOwner {
  readonly appname: string

  constructor(row: OwnerRow) {
    super(row, 'appname')
    this.appname = row.own_name
  }
}

/**
 * The owner model of a cell that keeps applications, with an `appname`. It has no `register`, so no DNA can let strangers
 * register: an application can act for every owner of the cells that trust this one (TRUST.md). Operators create
 * applications on the command line.
 */
function createApps(plasma: Organic.Plasma): StoredOwners<App> {
  const kind = createOwnerKind('app', 'appname')
  return new StoredOwners({ kind, Owner: App, database: databaseOf(plasma), hasher: new PasswordHasher(plasma) })
}

// eslint-disable-next-line @typescript-eslint/no-namespace -- how `export =` exports types as well
declare namespace createApps {
  export { type App }
}

export = createApps
