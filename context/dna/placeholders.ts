import { DnaError } from '../errors'

/** The forms in which organic-dna-resolve lets one value refer to another, or to the environment. */
const WHOLE_REFERENCE = /^!?@([\w.-]+)/
const TEMPLATE = /^%([\w.-]+)\(/
const EMBEDDED_REFERENCE = /@\{([\w.-]+)\}/g
const SELF_REFERENCE = /&\{([\w.-]+)\}/g
const VARIABLE = /\{\$([^}]*)\}/g

/**
 * Checks, before the loader resolves them, that every reference in the DNA leads somewhere and every variable is set.
 *
 * @throws {DnaError} that names the branch and the key
 */
export function checkPlaceholders(dna: object): void {
  walk(dna, [])

  function walk(value: unknown, path: string[], holder: unknown = dna): void {
    if (typeof value === 'string') {
      checkText(value, path, holder)
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === '@' || key === '!@') checkReference(dna, String(inner), path)
        else walk(inner, [...path, key], value)
      }
    }
  }

  function checkText(text: string, path: string[], holder: unknown): void {
    const whole = WHOLE_REFERENCE.exec(text)
    if (whole) checkReference(dna, text.replace(/^!?@/, ''), path)
    const template = TEMPLATE.exec(text)
    if (template?.[1]) checkReference(dna, template[1], path)
    for (const [, name = ''] of text.matchAll(EMBEDDED_REFERENCE)) checkReference(dna, name, path)
    for (const [, name = ''] of text.matchAll(SELF_REFERENCE)) checkReference(holder, name, path)
    for (const [, name = ''] of text.matchAll(VARIABLE)) checkVariable(name, path)
  }
}

function checkReference(from: unknown, name: string, path: string[]): void {
  let branch = from
  for (const key of name.split('.')) {
    branch = typeof branch === 'object' && branch !== null ? (branch as Record<string, unknown>)[key] : undefined
  }
  if (branch === undefined) throw located(path, `refers to "${name}", which this DNA does not have`)
}

function checkVariable(name: string, path: string[]): void {
  if (!/^[a-zA-Z_]+$/.test(name)) {
    throw located(path, `{$${name}}: a variable's name has letters and underscores only`)
  }
  if (!process.env[name]) {
    throw located(path, `the environment variable ${name} is not set`)
  }
}

/** The files of the DNA are one or two levels deep: `data.json`, `plasma/sessions.json`. */
function located(path: string[], expected: string): DnaError {
  const depth = path[0] === 'plasma' ? 2 : 1
  const error = new DnaError(path.slice(depth).join('.'), expected)
  error.branch = path.slice(0, depth)
  return error
}
