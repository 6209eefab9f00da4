import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { LineCounter, parseDocument, type CreateNodeOptions, type DocumentOptions, type ParseOptions, type ScalarTag, type SchemaOptions, type Tags } from 'yaml'
import { DnaError, messageOf } from '../errors'

/** A file of DNA, parsed. */
export interface DnaFile {
  /** Its path relative to the working directory, for messages. */
  name: string
  /** The branch that it holds, as in `['_test', 'plasma', 'sessions']`. */
  branch: string[]
  content: unknown
}

const DNA_FILE = /\.(json|ya?ml)$/
/** What lies beside DNA and is none: hidden files, documentation, and what editors and version control leave. */
const OTHER_FILE = /^[.#]|~$|\.(md|txt|example|sample|bak|old|orig|rej|save|sw[op]|tmp)$/i

/**
 * Reads every file of a DNA folder. organic-dna-loader would stop at the first broken one, trip over a byte order mark,
 * take YAML's `off` for a string, and merge two files of one name in whatever order they arrive.
 *
 * @param folder absolute path
 * @returns the files, those of the upper branches first, and what is wrong with the rest
 */
export function readDnaFiles(folder: string): { files: DnaFile[]; errors: DnaError[] } {
  const files: DnaFile[] = []
  const errors: DnaError[] = []
  read(folder, [])
  // `plasma.json` before what is in `plasma/`.
  files.sort((one, other) => one.branch.length - other.branch.length)
  return { files, errors }

  function read(directory: string, above: string[]): void {
    for (const entry of readdirSync(directory).sort()) {
      const path = join(directory, entry)
      const name = relative(process.cwd(), path)
      const branch = [...above, ...entry.replace(DNA_FILE, '').split('.')]
      try {
        if (OTHER_FILE.test(entry)) continue
        if (statSync(path).isDirectory()) read(path, branch)
        else if (DNA_FILE.test(entry)) files.push({ name, branch, content: parse(readFileSync(path), entry) })
        else errors.push(new DnaError('', `${name}: nothing reads this file: DNA is in .json, .yaml and .yml files`))
      } catch (error) {
        errors.push(new DnaError('', `${name}: ${messageOf(error)}`, { cause: error }))
      }
    }
  }
}

/** @throws {Error} that repeats nothing of the content, which may be a secret */
function parse(bytes: Buffer, name: string): unknown {
  // Skips a byte order mark.
  const text = decode(bytes)
  const lines = new LineCounter()
  const document = parseDocument(text, { ...YAML, lineCounter: lines })
  const duplicate = document.errors.find(({ code }) => code === 'DUPLICATE_KEY')
  if (duplicate) throw new Error(`line ${lines.linePos(duplicate.pos[0]).line}: this object has the same key twice`)

  if (name.endsWith('.json')) {
    try {
      return JSON.parse(text)
    } catch (error) {
      // eslint-disable-next-line preserve-caught-error -- it quotes the file, which may hold a secret
      throw new Error(`cannot be parsed: ${messageOf(error).replace(/, (\.{3})?"[^]*"(\.{3})? is not valid JSON/, '')}`)
    }
  }
  const [error] = document.errors
  if (error) throw new Error(`cannot be parsed: line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
  return document.toJS()
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('is not encoded in UTF-8')
  }
}

/** `off` is `false`, as in YAML 1.1: YAML 1.2 makes a string of it, which is true. A quoted "off" is a string. */
const SWITCH: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:on|off|yes|no)$/i,
  resolve: (text) => /^(?:on|yes)$/i.test(text),
}

const YAML: ParseOptions & DocumentOptions & SchemaOptions & CreateNodeOptions = {
  customTags: (tags: Tags) => [SWITCH, ...tags],
  // The pretty ones quote the line.
  prettyErrors: false,
}
