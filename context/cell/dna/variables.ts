import { DnaError } from './error'

/** `{$NAME}`, or `{$NAME:-default}` if it may be unset or empty. */
const VARIABLE = /\{\$([a-z_]\w*)(?::-([^}]*))?\}/gi
/** Placeholder for a variable while the loader resolves references. */
const HIDDEN = /\0(\d+)\0/g
const WHOLE = /^\0\d+\0$/

const INSTEAD = 'write an environment variable as {$NAME} or {$NAME:-default}'
/** Syntaxes of other programs, and near misses, with what to write instead. */
const FOREIGN: [form: RegExp, instead: string][] = [
  [
    /\$\{|^\$[A-Za-z_]\w*$|(?<![\w$])\$[A-Z_][A-Z0-9_]{2,}(?!\w)|%[A-Z_][A-Z_]\w+%|^%\w+%$|^\{+\s*[A-Z][A-Z0-9_]*\s*\}+$|^process\.env\./,
    INSTEAD,
  ],
  [/\$\(|<%|#\{|\{\{|^\{[^{}]*:-[^{}]*\}$|^\$?env[:[]|^\{env_/i, INSTEAD],
  [/\{\s*\$/, `${INSTEAD}, with letters, digits and underscores in its name`],
  [/@\s+\{|@\{(?![\w.-]+\})|\{\s*@|^\{[\w-]+(\.[\w-]+)+\}/, 'write a reference as @{branch.key}'],
]

/** An environment variable that a value of the DNA is made of. */
export interface UsedVariable {
  /** Where the value is in the whole DNA. */
  path: string[]
  name: string
  /** Where its value comes from; `unset` if it has none. */
  from: 'environment' | 'default' | 'unset'
}

/**
 * The environment variables in DNA. They are hidden from the loader, which would turn unset ones into "undefined" and
 * mangle values that contain `$`.
 */
export class Variables {
  readonly #found: { name: string; fallback: string | undefined; written: string }[] = []
  /** What {@link fill} has replaced. */
  readonly used: UsedVariable[] = []

  /** Hides every variable. @returns errors for what only looks like a variable or a reference */
  hide(dna: object): DnaError[] {
    const errors: DnaError[] = []
    replaceStrings(dna, (text, path) => {
      const hidden = text.replace(VARIABLE, (written, name: string, fallback: string | undefined) => {
        if (fallback !== undefined && /[@$&{]\{|\{\$/.test(fallback))
          errors.push(DnaError.at(path, 'a default cannot hold a reference or another variable'))
        return `\0${this.#found.push({ name, fallback, written }) - 1}\0`
      })
      const foreign = FOREIGN.find(([form]) => form.test(hidden))
      if (foreign) errors.push(DnaError.at(path, foreign[1]))
      return hidden
    })
    return errors
  }

  /**
   * Replaces the variables with their values.
   *
   * @param needed dotted names of the branches whose variables must be set
   * @returns errors for variables that are needed and unset
   */
  fill(dna: object, needed: string[]): DnaError[] {
    const errors: DnaError[] = []
    const isNeeded = (path: string[]): boolean => needed.some((branch) => `${path.join('.')}.`.startsWith(`${branch}.`))
    // Needed branches first: references can put the same object in several places.
    for (const isTurn of [isNeeded, () => true]) {
      replaceStrings(dna, (text, path, holder) => {
        if (!isTurn(path)) return text
        if (WHOLE.test(text)) markVariable(holder, path.at(-1) ?? '')
        return text.replace(HIDDEN, (_whole, index: string) => {
          const { name, fallback, written } = this.#found[Number(index)] ?? { name: '', fallback: '', written: '' }
          const value = process.env[name] || fallback
          if (value === undefined && isNeeded(path))
            errors.push(DnaError.at(path, `the environment variable ${name} is not set`))
          const from = process.env[name] ? 'environment' : fallback === undefined ? 'unset' : 'default'
          this.used.push({ path, name, from })
          return value ?? written
        })
      })
    }
    return errors
  }
}

function replaceStrings(dna: object, replace: (text: string, path: string[], holder: object) => string): void {
  walk(dna, [], [])

  /** @param around the objects around this one, in case a reference leads back to one */
  function walk(holder: object, path: string[], around: object[]): void {
    for (const [key, value] of Object.entries(holder) as [string, unknown][]) {
      const place = [...path, key]
      if (typeof value === 'string') Object.assign(holder, { [key]: replace(value, place, holder) })
      else if (typeof value === 'object' && value !== null && !around.includes(value))
        walk(value, place, [...around, value])
    }
  }
}

/** Where an object or list of DNA keeps the keys whose whole value came from an environment variable. */
const VARIABLE_KEYS = Symbol('variable keys')

/** Marks a value that came from an environment variable: the schema may expect something other than a string. */
function markVariable(holder: { [VARIABLE_KEYS]?: Set<string> }, key: string): void {
  // Not enumerable: schemas, copies and JSON do not see it.
  if (!holder[VARIABLE_KEYS]) Object.defineProperty(holder, VARIABLE_KEYS, { value: new Set() })
  holder[VARIABLE_KEYS]?.add(key)
}

/** Copies DNA, changed, with what marks its variables. A spread would lose that, and numbers in variables would stay strings. */
export function copyDna<Changes extends object>(dna: object, changes?: Changes): Record<string, unknown> & Changes {
  const copy = { ...dna, ...changes } as Record<string, unknown> & Changes
  for (const key of (dna as { [VARIABLE_KEYS]?: Set<string> })[VARIABLE_KEYS] ?? []) markVariable(copy, key)
  return copy
}

/** A marked value, with the object that holds it. */
interface Variable {
  holder: Record<string, unknown>
  key: string
  path: string[]
  text: string
}

/** All marked values in this part of the DNA. */
export function findVariables(dna: unknown): Variable[] {
  const found: Variable[] = []
  const seen = new Set<unknown>()
  walk(dna, [])
  return found

  function walk(value: unknown, path: string[]): void {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    const holder = value as Record<string, unknown> & { [VARIABLE_KEYS]?: Set<string> }
    for (const key of holder[VARIABLE_KEYS] ?? []) {
      const text = holder[key]
      if (typeof text === 'string') found.push({ holder, key, path: [...path, key], text })
    }
    for (const [key, inner] of Object.entries(holder)) walk(inner, [...path, key])
  }
}
