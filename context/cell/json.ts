/**
 * A reviver for `JSON.parse` that refuses `__proto__`: copying or merging such a key would replace an object's prototype.
 *
 * @throws {SyntaxError} for a key `__proto__`
 */
export function refuseProto(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError(key)
  return value
}
