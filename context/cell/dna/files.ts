import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { DnaError, throwDnaErrors } from './error'
import { messageOf } from '../thrown'
import type { ParsedYaml } from './yaml'

/** A file of DNA, parsed. */
export interface DnaFile {
  /** Its path relative to the cell's root, for messages. */
  name: string
  /** The branch that it holds, as in `['_test', 'plasma', 'sessions']`. */
  branch: string[]
  content: unknown
  /** Whether organic-dna-loader reads the same. It misreads byte order marks and YAML's `off`. */
  isLoadable: boolean
}

/** First byte of a byte order mark in UTF-8. */
const BYTE_ORDER_MARK = 0xef
const DNA_FILE = /\.(json|ya?ml)$/
/** Files that may lie beside DNA: hidden ones, documentation, and leftovers of editors and version control. */
const OTHER_FILE = /^[.#]|~$|\.(md|txt|example|sample|bak|old|orig|rej|save|sw[op]|tmp)$/i

/**
 * Reads every file of a DNA folder.
 *
 * @param folder absolute path
 * @returns the files, upper branches first, and the faults of those that cannot be read
 */
export function readDnaFiles(folder: string): { files: DnaFile[]; errors: DnaError[] } {
  const files: DnaFile[] = []
  const errors: DnaError[] = []
  read(folder, [])
  // `plasma.json` before the files in `plasma/`.
  files.sort((one, other) => one.branch.length - other.branch.length)
  return { files, errors }

  function read(directory: string, above: string[]): void {
    for (const entry of readdirSync(directory).sort()) {
      const path = join(directory, entry)
      const name = relative(dirname(folder), path)
      const branch = [...above, ...entry.replace(DNA_FILE, '').split('.')]
      try {
        if (OTHER_FILE.test(entry)) continue
        const found = statSync(path)
        if (found.isDirectory() && DNA_FILE.test(entry)) throw new Error('is a folder with the name of a file')
        if (found.isDirectory()) read(path, branch)
        else if (!found.isFile()) throw new Error('is not a file')
        else if (DNA_FILE.test(entry)) files.push({ name, branch, ...parse(readFileSync(path), entry) })
        else errors.push(new DnaError('', `${name}: nothing reads this file: DNA is in .json, .yaml and .yml files`))
      } catch (error) {
        errors.push(new DnaError('', `${name}: ${messageOf(error)}`, { cause: error }))
      }
    }
  }
}

/**
 * Reads every file of a DNA folder, and reports all faults at once. organic-dna-loader would stop at the first.
 *
 * @throws {DnaError} for files that cannot be parsed, are not DNA, or hold the same branch as another file: the loader would
 * merge those in any order
 */
export function checkDnaFiles(folder: string): DnaFile[] {
  const { files, errors } = readDnaFiles(folder)
  const tree: Record<string, unknown> = {}
  throwDnaErrors([...errors, ...files.flatMap((file) => addToTree(file, tree))])
  return files
}

/** Adds a file's content to the tree. @returns an error if another file holds the same branch */
function addToTree({ name, branch, content }: DnaFile, tree: Record<string, unknown>): DnaError[] {
  const taken = [new DnaError('', `${name}: ${branch.join('.')} is in another file too, keep one of them`)]
  let holder = tree
  for (const key of branch.slice(0, -1)) {
    if (!Object.hasOwn(holder, key)) holder[key] = {}
    const inner = holder[key]
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return taken
    // Each file's content stays its own.
    holder = holder[key] = { ...inner } as Record<string, unknown>
  }
  const key = branch.at(-1) ?? ''
  if (Object.hasOwn(holder, key)) return taken
  holder[key] = content
  return []
}

/**
 * Lets organic-dna-loader load a folder. If the loader would misread a file, it gets a temporary copy in plain JSON that
 * only this user can read.
 */
export async function withLoadableFolder<T>(
  folder: string,
  files: DnaFile[],
  load: (folder: string) => Promise<T>,
): Promise<T> {
  // The loader treats the path as a glob. A short one is less likely to contain special characters.
  if (files.every(({ isLoadable }) => isLoadable)) return load(relative('', folder) || '.')
  const copy = mkdtempSync(join(tmpdir(), 'dna-'))
  try {
    for (const { branch, content } of files) {
      const file = `${join(copy, ...branch)}.json`
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, JSON.stringify(content))
    }
    return await load(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/**
 * Removes each file's `$schema`, by which editors find its JSON Schema, from the DNA that organic-dna-loader has loaded.
 * {@link readDnaFiles} has left it out.
 */
export function removeSchemaKeys(dna: object, files: DnaFile[]): void {
  for (const { branch } of files) {
    let loaded: unknown = dna
    for (const key of branch) loaded = (Object(loaded) as Record<string, unknown>)[key]
    withoutSchemaKey(loaded)
  }
}

function withoutSchemaKey(content: unknown): unknown {
  if (typeof content === 'object' && content !== null && '$schema' in content && typeof content.$schema === 'string')
    delete content.$schema
  return content
}

/** @throws {Error} without any of the content, which may be secret */
function parse(bytes: Buffer, name: string): Pick<DnaFile, 'content' | 'isLoadable'> {
  // Without the byte order mark.
  const text = decode(bytes)
  const { content, isLoadable } = name.endsWith('.json')
    ? { content: parseJson(text), isLoadable: bytes[0] !== BYTE_ORDER_MARK }
    : parseYaml(text)
  return { content: withoutSchemaKey(content), isLoadable }
}

function parseJson(text: string): unknown {
  let content: unknown
  try {
    content = withoutProto(JSON.parse(text))
  } catch (error) {
    // eslint-disable-next-line preserve-caught-error -- it quotes the file, which may hold a secret
    throw new Error(`cannot be parsed: ${messageOf(error).replace(/, (\.{3})?"[^]*"(\.{3})? is not valid JSON/, '')}`)
  }
  // JSON.parse drops all but the last of equal keys. The YAML parser names the line, but takes far longer.
  const written = text.match(STRING_OR_KEY)?.filter((found) => found.endsWith(':')).length ?? 0
  if (countKeys(content) < written) parseYaml(text)
  return content
}

/** A string of JSON, with a colon if it is a key. */
const STRING_OR_KEY = /"(?:[^"\\]|\\.)*"(?:\s*:)?/g

function countKeys(content: unknown): number {
  if (typeof content !== 'object' || content === null) return 0
  const own = Array.isArray(content) ? 0 : Object.keys(content).length
  return Object.values(content).reduce((sum: number, value) => sum + countKeys(value), own)
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('is not encoded in UTF-8')
  }
}

/** A cell whose DNA is all JSON does not need the parser, which takes a tenth of its boot to load. */
function parseYaml(text: string): ParsedYaml {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only for YAML
  const yaml = require('./yaml') as typeof import('./yaml')
  const parsed = yaml.parseYaml(text)
  withoutProto(parsed.content)
  return parsed
}

/** Whoever copies or merges such a key would change what the object inherits. */
function withoutProto(content: unknown): unknown {
  if (typeof content !== 'object' || content === null) return content
  if (Object.hasOwn(content, '__proto__')) throw new Error('must not have a key __proto__')
  for (const value of Object.values(content)) withoutProto(value)
  return content
}
