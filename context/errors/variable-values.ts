/** Objects and lists of DNA, with the keys whose whole value is an environment variable's. */
const variableKeys = new WeakMap<object, Set<string>>()

/** Notes that a value of DNA is a string only because environment variables are. */
export function markVariable(holder: object, key: string): void {
  const keys = variableKeys.get(holder) ?? new Set()
  variableKeys.set(holder, keys.add(key))
}

/** Every value below this part of the DNA that is an environment variable's, with the object that holds it. */
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
