/** Keys whose whole value came from an environment variable, by the object or list that holds them. */
const variableKeys = new WeakMap<object, Set<string>>()

/** Marks a value of DNA as one that came from an environment variable, and so may only happen to be a string. */
export function markVariable(holder: object, key: string): void {
  const keys = variableKeys.get(holder) ?? new Set()
  variableKeys.set(holder, keys.add(key))
}

/** All marked values in this part of the DNA, with the objects that hold them. */
export function findVariables(dna: unknown): { holder: Record<string, unknown>; key: string; path: string[] }[] {
  const found: { holder: Record<string, unknown>; key: string; path: string[] }[] = []
  const seen = new Set<unknown>()
  walk(dna, [])
  return found

  function walk(value: unknown, path: string[]): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const holder = value as Record<string, unknown>
    for (const key of variableKeys.get(holder) ?? []) {
      if (typeof holder[key] === 'string') found.push({ holder, key, path: [...path, key] })
    }
    for (const [key, inner] of Object.entries(holder)) walk(inner, [...path, key])
  }
}
