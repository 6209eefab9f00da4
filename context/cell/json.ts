/**
 * A reviver for `JSON.parse`. Whoever copied or merged such a key would change what the object inherits.
 *
 * @throws {SyntaxError} for a key `__proto__`
 */
export function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError(key)
  return value
}
