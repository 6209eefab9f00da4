import { DnaError } from '../errors'

const VARIABLE = /\{\$([^}]*)\}/g
const NAME = /^[a-z_]\w*$/i
/** What stands for a variable while the loader resolves references: a text that it leaves alone. */
const HIDDEN = /<variable (\w+)>/g

/**
 * Hides every `{$NAME}` from the loader, which would make "undefined" of a variable that is not set, and mangle a value
 * with a `$` in it.
 *
 * @throws {DnaError} for what is no name
 */
export function hideVariables(dna: object): void {
  replaceTexts(dna, [], (text, path) =>
    text.replace(VARIABLE, (whole, name: string) => {
      if (!NAME.test(name)) throw DnaError.at(path, `${whole}: a variable's name has letters, digits and underscores only`)
      return `<variable ${name}>`
    }),
  )
}

/**
 * Puts the environment's values in the variables' places. A variable that is not needed need not be set.
 *
 * @param needed the branches whose variables are, dotted
 * @throws {DnaError} for one that is used and not set
 */
export function fillVariables(dna: object, needed: string[]): void {
  const isNeeded = (path: string[]): boolean => needed.some((branch) => `${path.join('.')}.`.startsWith(`${branch}.`))
  replaceTexts(dna, [], (text, path) =>
    text.replace(HIDDEN, (_whole, name: string) => {
      const value = process.env[name]
      if (!value && isNeeded(path)) throw DnaError.at(path, `the environment variable ${name} is not set`)
      return value ?? `{$${name}}`
    }),
  )
}

function replaceTexts(branch: object, path: string[], replace: (text: string, path: string[]) => string): void {
  for (const [key, value] of Object.entries(branch) as [string, unknown][]) {
    const place = [...path, key]
    if (typeof value === 'string') Object.assign(branch, { [key]: replace(value, place) })
    else if (typeof value === 'object' && value !== null) replaceTexts(value, place, replace)
  }
}
