import { LineCounter, parseDocument, type ScalarTag, type Tags } from 'yaml'

/** What a YAML file holds, and whether organic-dna-loader reads the same: it misreads YAML's `off`. */
export interface ParsedYaml {
  content: unknown
  isLoadable: boolean
}

/** Reads `off` as `false`, like YAML 1.1. In YAML 1.2 it is a string, and therefore true. A quoted "off" stays a string. */
const SWITCH: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:on|off|yes|no)$/i,
  resolve: (text) => /^(?:on|yes)$/i.test(text),
}

const YAML = {
  customTags: (tags: Tags): Tags => [SWITCH, ...tags],
  // Pretty errors quote the line.
  prettyErrors: false,
}

/**
 * Parses a file of YAML, or of JSON.
 *
 * @throws {Error} that names the line, without any of the content, which may be secret
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { ...YAML, lineCounter: lines })
  const duplicate = document.errors.find(({ code }) => code === 'DUPLICATE_KEY')
  if (duplicate) throw new Error(`line ${lines.linePos(duplicate.pos[0]).line}: this object has the same key twice`)
  const [error] = [...document.errors, ...document.warnings]
  if (error) throw new Error(`cannot be parsed: line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
  const content: unknown = document.toJS()
  return {
    content,
    isLoadable: JSON.stringify(content) === JSON.stringify(parseDocument(text, { prettyErrors: false }).toJS()),
  }
}
