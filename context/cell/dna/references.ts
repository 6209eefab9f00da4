import { DnaError } from './error'
import { didYouMean } from './wording'

/** The reference syntaxes of organic-dna-resolve. */
const WHOLE = /^!?@([\w.-]+)/
const TEMPLATE = /%([\w.-]+)\([\w.\-\s,=]+\)/
const EMBEDDED = /@\{([\w.-]+)\}/g
/** Relative to the object that the value is in. */
const OWN = /&\{([\w.-]+)\}/g

/**
 * Checks that every reference in the DNA leads somewhere, and not back to itself. The loader would print the whole DNA for
 * a broken one, secrets included, so broken ones are removed.
 *
 * @returns an error for each, with its branch and key
 */
export function checkReferences(dna: object): DnaError[] {
  const errors: DnaError[] = []
  const lost: [holder: object, key: string][] = []
  walk(dna, [], dna)
  for (const [holder, key] of lost) Object.assign(holder, { [key]: '' })
  return errors

  /** @param around the nearest object, not list, around the value: what `&{key}` refers to */
  function walk(holder: object, path: string[], around: unknown): void {
    for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
      const place = [...path, key]
      const isReference = key === '@' || key === '!@'
      try {
        if (isReference) follow(`@${String(value)}`, path, around, [])
        else if (typeof value === 'string') follow(value, place, around, [])
        else if (value === null && Array.isArray(holder)) throw DnaError.at(place, 'expected no null in a list')
        else if (typeof value === 'object' && value !== null) walk(value, place, Array.isArray(value) ? around : value)
      } catch (error) {
        if (!(error instanceof DnaError)) throw error
        errors.push(error)
        lost.push([holder, key])
      }
    }
  }

  /** @param trail the references that led here */
  function follow(text: string, path: string[], holder: unknown, trail: unknown[]): void {
    const template = TEMPLATE.exec(text)
    if (template && template.index > 0) throw DnaError.at(path, 'a template must be the whole value')
    for (const name of namesIn(text)) step(dna, name)
    for (const [, name = ''] of text.matchAll(OWN)) step(holder, name)

    function step(from: unknown, name: string): void {
      const [target, around] = select(from, name)
      const refusal = (fault: string): DnaError => DnaError.at(path, `refers to "${name}", ${fault}`)
      const off = from === dna ? findOff(dna, name) : undefined
      if (off !== undefined) throw refusal(`but ${off} is switched off: switch this one off too, or write the value`)
      if (target === undefined) throw refusal(`which this DNA does not have${didYouMean(name, namesOf(from, ''))}`)
      if (from === dna && `${path.join('.')}.`.startsWith(`${name}.`)) throw refusal('which it is a part of')
      const here = `${name} of ${text}`
      if (trail.includes(here)) throw refusal('which leads back to itself')
      if (typeof target === 'string') follow(target, path, around, [...trail, here])
    }
  }
}

/** The organelle that a name leads into, as in `plasma.sessions`, if it is switched off. */
function findOff(dna: object, name: string): string | undefined {
  const [branch = '', organelle = '', ...keys] = name.split('.')
  const plasma = (dna as Record<string, unknown>)[branch]
  const isSwitchedOff =
    branch === 'plasma' && keys.length > 0 && (Object(plasma) as Record<string, unknown>)[organelle] === false
  return isSwitchedOff ? `plasma.${organelle}` : undefined
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

/** The dotted names that a value refers to. */
function namesIn(text: string): string[] {
  const whole = WHOLE.test(text) ? [text.replace(/^!?@/, '')] : []
  const [, template] = TEMPLATE.exec(text) ?? []
  const embedded = [...text.matchAll(EMBEDDED)].map(([, name = '']) => name)
  return [...whole, ...(template === undefined ? [] : [template]), ...embedded]
}

/** The dotted names of all references in this part of the DNA. */
export function findReferences(dna: unknown): string[] {
  if (typeof dna === 'string') return namesIn(dna)
  if (typeof dna !== 'object' || dna === null) return []
  return Object.entries(dna).flatMap(([key, value]) =>
    key === '@' || key === '!@' ? [String(value)] : findReferences(value),
  )
}

/** Every dotted name of this part of the DNA, for suggestions. */
function namesOf(dna: unknown, above: string): string[] {
  if (typeof dna !== 'object' || dna === null) return []
  return Object.entries(dna).flatMap(([key, value]) => [above + key, ...namesOf(value, `${above}${key}.`)])
}
