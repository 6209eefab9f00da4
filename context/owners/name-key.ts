/** Maximum characters of a name at login. More than a new name may have, so that a login does not reveal that rule. */
export const LONGEST_CLAIM = 256

/**
 * Names with the same key are the same name: they differ only in case or composition. A string that is too long for a name
 * is its own key, because normalizing takes quadratic time.
 */
export function nameKeyOf(ownName: string): string {
  return canBeName(ownName) ? ownName.normalize('NFKC').toLowerCase() : ownName
}

/** Whether an owner could have this name. */
export function canBeName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LONGEST_CLAIM && !name.includes('\0')
}
