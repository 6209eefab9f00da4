/**
 * Reads the `id` of an owner, or the `_id` of a raw document.
 *
 * @throws {Error} if the owner has neither
 * @example emitEvent(plasma, { type: 'OwnerRegistered', ownerId: idOf(owner), ...clientOf(req) })
 */
export function idOf(owner: { id?: unknown; _id?: unknown } | undefined): unknown {
  const id = owner?.id ?? owner?._id
  if (id === undefined || id === null || id === '') throw new Error('the owner has neither an id nor an _id')
  return id
}
