import { database, type OwnerRow } from '../sql'
import { RemoteInvalid } from '../cell'
import { parse, type OwnerKind } from './kind'
import { newRow } from './rows'

/**
 * Keeps a trust point's answer as an owner.
 *
 * @param from the trust point
 * @returns the owner as he is kept, or nothing where he is disabled here
 * @throws {RemoteInvalid} when the answer is no owner, or names one who is another one here
 */
export async function keepRemote(kind: OwnerKind, ownerData: unknown, from: string): Promise<OwnerRow | undefined> {
  const given = parse(
    kind.remote,
    ownerData,
    `id and ${kind.nameKey}`,
    (detail) => new RemoteInvalid(`The trust point's answer is no owner: ${detail}`),
  )
  const row = { ...newRow(kind, given), id: given.id, trust_point: from }
  const { own_name, name_key, name, email, updated_at } = row
  return database()
    .transaction()
    .execute(async (db) => {
      const namesake = await db
        .selectFrom('owners')
        .select(['id', 'trust_point'])
        .where('kind', '=', kind.kind)
        .where('name_key', '=', name_key)
        .executeTakeFirst()
      const known = await db.selectFrom('owners').selectAll().where('id', '=', row.id).executeTakeFirst()
      const isAnother = known && (known.kind !== kind.kind || known.trust_point !== from)
      const hasNamesake = namesake && namesake.id !== row.id
      if (isAnother || (hasNamesake && namesake.trust_point !== from)) {
        throw new RemoteInvalid("The trust point's answer names an owner who is another one here.")
      }
      if (known && known.disabled_at !== null) return undefined
      // The trust point has given the name to somebody else: its former owner is no longer found by it.
      if (hasNamesake)
        await db
          .updateTable('owners')
          .set({ name_key: `\u0001${namesake.id}` })
          .where('id', '=', namesake.id)
          .execute()
      const changes = { own_name, name_key, name, email, updated_at }
      if (known) await db.updateTable('owners').set(changes).where('id', '=', row.id).execute()
      else await db.insertInto('owners').values(row).execute()
      return known ? { ...known, ...changes } : row
    })
}
