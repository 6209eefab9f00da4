import { DnaError } from '../errors'

/** The forms in which organic-dna-resolve lets one value refer to another. */
const WHOLE = /^!?@([\w.-]+)/
const TEMPLATE = /%([\w.-]+)\([\w.\-\s,=]+\)/
const EMBEDDED = /@\{([\w.-]+)\}/g
/** Relative to the object that the value is in. */
const OWN = /&\{([\w.-]+)\}/g

/**
 * Checks, before the loader resolves them, that every reference in the DNA leads somewhere, and not back to itself: on
 * one that does not, the loader prints the whole DNA, secrets included.
 *
 * @throws {DnaError} that names the branch and the key
 */
export function checkReferences(dna: object): void {
  walk(dna, [], dna)

  function walk(value: unknown, path: string[], holder: unknown): void {
    if (typeof value === 'string') {
      follow(value, path, holder, [])
    } else if (Array.isArray(value)) {
      value.forEach((item: unknown, index) => {
        if (item === null) throw DnaError.at([...path, String(index)], 'expected no null in a list')
        walk(item, [...path, String(index)], holder)
      })
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === '@' || key === '!@') follow(`@${String(inner)}`, path, holder, [])
        else walk(inner, [...path, key], value)
      }
    }
  }

  /** @param trail the references that led here */
  function follow(text: string, path: string[], holder: unknown, trail: unknown[]): void {
    const template = TEMPLATE.exec(text)
    if (template && template.index > 0) throw DnaError.at(path, 'a template must be the whole value')
    const whole = WHOLE.test(text) ? [text.replace(/^!?@/, '')] : []
    const names = [...whole, ...(template?.[1] ? [template[1]] : []), ...[...text.matchAll(EMBEDDED)].map(([, name = '']) => name)]
    for (const name of names) step(dna, name)
    for (const [, name = ''] of text.matchAll(OWN)) step(holder, name)

    function step(from: unknown, name: string): void {
      const [target, around] = select(from, name)
      if (target === undefined) throw DnaError.at(path, `refers to "${name}", which this DNA does not have`)
      const here = `${name} of ${text}`
      if (trail.includes(here)) throw DnaError.at(path, `refers to "${name}", which leads back to itself`)
      if (typeof target === 'string') follow(target, path, around, [...trail, here])
    }
  }
}

/** @returns the value of that name, and the object that it is in */
function select(from: unknown, name: string): [target: unknown, holder: unknown] {
  let holder: unknown
  let target = from
  for (const key of name.split('.')) {
    holder = target
    target = typeof target === 'object' && target !== null ? (target as Record<string, unknown>)[key] : undefined
  }
  return [target, holder]
}
