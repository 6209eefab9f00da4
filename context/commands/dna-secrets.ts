import { findSchemaAt, type JsonSchema } from '../cell/dna/json-schema'

const MASK = '***'

/** Names of keys, variables and parameters of URLs whose values are secret, unless a schema says that they are not. */
const SECRET_NAME = /secret|pass|pwd|credential|token|salt|authorization|bearer|(keys?|pw|auth)$/i
/** A secret by its form, under whatever name. */
const PRIVATE_KEY = /PRIVATE KEY-----/
/** The user's name and password of a URL, also of one that no parser takes. */
const USER_INFO = /(\w:\/\/[^\s:@/]*):.*@/g
const TOKEN_BEFORE_HOST = /(\bhttps?:\/\/)[^\s/?#@]+@/g
/** `user:password@host`, without a scheme or with half of one. */
const HALF_URL = /^(?!\w+:\/\/)[^\s@]*:\S*@\S/
/** Of a URL, or of a connection string as in `host=db password=…`. */
const PARAMETER = /((?:^|[?&;#\s])[\w.-]+)=('[^']*'|"[^"]*"|[^&;\s#]*)/g
/** A shorter secret could be a part of anything. */
const UNMISTAKABLE = 6

/** Masks secrets in DNA: what a schema or its name calls secret, passwords in URLs, and wherever the same strings appear. */
export class DnaSecrets {
  readonly #known = new Set<string>()

  /**
   * @param schemas of the branches, by their dotted names
   * @param isSecretVariable whether the value at a place comes from a secret variable
   */
  constructor(
    dna: object,
    readonly schemas: ReadonlyMap<string, JsonSchema>,
    readonly isSecretVariable: (path: readonly string[]) => boolean,
  ) {
    this.#learn(dna, [])
  }

  /** Masks a value at its place in the whole DNA. Whatever is not secret stays as it is. */
  mask(value: unknown, path: readonly string[]): unknown {
    if (Array.isArray(value)) return value.map((item) => this.mask(item, path))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.mask(inner, [...path, key])]))
    if (this.#isSecret(path) && value !== false) return isUnsetVariable(value) ? value : MASK
    if (typeof value !== 'string') return this.#known.has(String(value)) ? MASK : value
    return maskUrls(this.#maskKnown(value))
  }

  #learn(value: unknown, path: readonly string[]): void {
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) this.#learn(inner, Array.isArray(value) ? path : [...path, key])
      return
    }
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '' || isUnsetVariable(value)) return
    const text = String(value)
    if (this.#isSecret(path)) this.#known.add(text)
    for (const [whole, before = ''] of text.matchAll(USER_INFO)) this.#known.add(whole.slice(before.length + 1, -1))
  }

  #isSecret(path: readonly string[]): boolean {
    return this.isSecretVariable(path) || this.isSecretPlace(path)
  }

  /** Whether a place is secret by its schema, or by its name: schemas of others need not say what is secret. */
  isSecretPlace(path: readonly string[]): boolean {
    for (let depth = 1; depth <= path.length; depth += 1) {
      const schema = this.schemas.get(path.slice(0, depth).join('.'))
      if (!schema) continue
      const own = path.slice(depth)
      // Whatever is below a secret is secret.
      for (let inner = 1; inner <= own.length; inner += 1) {
        const described = findSchemaAt(schema, own.slice(0, inner))
        const isSwitch = described?.type === 'boolean'
        if (described?.secret ?? (!isSwitch && isSecretName(own[inner - 1]))) return true
      }
      return false
    }
    return path.some(isSecretName)
  }

  #maskKnown(text: string): string {
    if (this.#known.has(text)) return MASK
    let masked = text
    for (const secret of this.#known) if (secret.length >= UNMISTAKABLE) masked = masked.replaceAll(secret, MASK)
    return masked
  }
}

/** Whether a key, a variable or a parameter of that name is secret. */
export function isSecretName(name = ''): boolean {
  // A path says where a secret is; a URL, as among throttled routes, is none.
  return SECRET_NAME.test(name) && !/(file|path)$/i.test(name) && !name.startsWith('/')
}

function isUnsetVariable(value: unknown): boolean {
  return typeof value === 'string' && /^\{\$\w+\}$/.test(value)
}

function maskUrls(text: string): string {
  if (HALF_URL.test(text) || PRIVATE_KEY.test(text)) return MASK
  return text
    .replace(USER_INFO, `$1:${MASK}@`)
    .replace(TOKEN_BEFORE_HOST, (whole, scheme: string) => (whole.includes(`:${MASK}@`) ? whole : `${scheme}${MASK}@`))
    .replace(PARAMETER, (whole, name: string) => (isSecretName(name) ? `${name}=${MASK}` : whole))
}
