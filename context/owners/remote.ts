import { RemoteInvalid, type Problem } from '../cell'
import type { OwnerRow } from '../sql'
import { parseInput } from './input'
import type { OwnerRows } from './rows'

/**
 * Saves the owner in a trust point's answer.
 *
 * @param from the trust point
 * @returns the owner as saved, or nothing if they are disabled here
 * @throws {RemoteInvalid} if the answer is not an owner, or names an owner of this cell or of another trust point
 */
export async function saveRemoteOwner(
  rows: OwnerRows,
  ownerData: unknown,
  from: string,
): Promise<OwnerRow | undefined> {
  const { kind } = rows
  const refuse = (detail: string): Problem => new RemoteInvalid(`The trust point's answer is not an owner: ${detail}`)
  const given = parseInput(kind.remote, ownerData, `id and ${kind.nameKey}`, refuse)
  const row = { ...rows.newRow(given), id: given.id, trust_point: from }
  const { own_name, name_key, name, email, updated_at } = row
  return rows.transaction(async (db) => {
    const namesake = await db
      .selectFrom('owners')
      .select(['id', 'trust_point'])
      .where('kind', '=', kind.name)
      .where('name_key', '=', name_key)
      .executeTakeFirst()
    const known = await db.selectFrom('owners').selectAll().where('id', '=', row.id).executeTakeFirst()
    const isAnother = known && (known.kind !== kind.name || known.trust_point !== from)
    const hasNamesake = namesake && namesake.id !== row.id
    if (isAnother || (hasNamesake && namesake.trust_point !== from))
      throw new RemoteInvalid("The trust point's answer names another owner of this cell.")
    if (known && known.disabled_at !== null) return undefined
    // The trust point has given the name to somebody else: it no longer finds its former owner.
    if (hasNamesake)
      await db
        .updateTable('owners')
        .set({ name_key: `\u0001${namesake.id}`, updated_at })
        .where('id', '=', namesake.id)
        .execute()
    const changes = { own_name, name_key, name, email, updated_at }
    if (known) await db.updateTable('owners').set(changes).where('id', '=', row.id).execute()
    else await db.insertInto('owners').values(row).execute()
    return known ? { ...known, ...changes } : row
  })
}
