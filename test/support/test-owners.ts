import { randomUUID } from 'node:crypto'
import { EventBus } from '../../context/cell/event-bus'
import createApps from '../../context/models/app'
import createUsers from '../../context/models/user'
import { OwnerAdministration } from '../../context/owners/administration'
import { createOwnerKind } from '../../context/owners/kind'
import { Database, type OwnerRow } from '../../context/sql'
import { newFile, type Place } from './database-places'
import { ownerRow } from './owner-row'

/** The password of every {@link TestOwners.addUser}. */
export const PASSWORD = 'correct horse battery'
/** Its hash, with today's parameters. */
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$me22ghzJexU1gYhRbThIQw$VlVOYzO11JjWU7dS1QiyghvzeOX+72vUGM0fXageEZk'

/** A database of its own, with the models and the administration of its owners. */
export class TestOwners {
  /** The calls of the administration's session store, each with the stamp that the owner had by then. */
  readonly ended: { id?: string; stamp?: string | undefined }[] = []
  readonly users
  readonly apps
  readonly admin: OwnerAdministration
  readonly appAdmin: OwnerAdministration

  private constructor(
    readonly database: Database,
    readonly file: string,
  ) {
    const plasma = new EventBus()
    void plasma.store({ type: 'Database', data: database })
    this.users = createUsers(plasma)
    this.apps = createApps(plasma)
    const sessions = {
      endOwnerSessions: async (id: string) => {
        this.ended.push({ id, stamp: (await this.findRow(id))?.security_stamp })
        return []
      },
      endAll: () => {
        this.ended.push({})
        return Promise.resolve()
      },
      count: () => Promise.resolve(7),
    }
    this.admin = new OwnerAdministration({ kind: createOwnerKind('user', 'username'), database, sessions })
    this.appAdmin = new OwnerAdministration({ kind: createOwnerKind('app', 'appname'), database, sessions })
  }

  static async open(place: Place = newFile()): Promise<TestOwners> {
    return new TestOwners(await Database.open(place), typeof place === 'string' ? place : '')
  }

  /** Adds an owner who can log in with {@link PASSWORD}, without hashing it. */
  async addUser(changes: Partial<OwnerRow> = {}): Promise<{ id: string; username: string }> {
    const id = randomUUID()
    const row = {
      ...ownerRow(id, `user-${id}`),
      password_hash: PASSWORD_HASH,
      security_stamp: randomUUID(),
      ...changes,
    }
    await this.database.query.insertInto('owners').values(row).execute()
    return { id: row.id, username: row.own_name }
  }

  findRow(id: string): Promise<OwnerRow | undefined> {
    return this.database.query.selectFrom('owners').selectAll().where('id', '=', id).executeTakeFirst()
  }

  /** Every row of every owner. */
  allRows(): Promise<OwnerRow[]> {
    return this.database.query.selectFrom('owners').selectAll().orderBy('id').execute()
  }

  close(): Promise<void> {
    return this.database.close()
  }
}
