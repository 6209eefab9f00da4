import { branchOf, type EffectiveValue } from './effective-dna'

/** Longer keys and values push the next column away instead of widening it for all lines. */
const WIDEST = { key: 34, value: 36 }

/** Prints values in columns: key, value, and where the value comes from. Each branch has a heading. */
export function formatDna(values: readonly EffectiveValue[]): string {
  const lines = values.map((value) => ({ branch: branchOf(value.path), ...cellsOf(value) }))
  const width = {
    key: widthOf(
      lines.map(({ key }) => key),
      WIDEST.key,
    ),
    value: widthOf(
      lines.map(({ value }) => value),
      WIDEST.value,
    ),
  }
  let heading = ''
  return lines
    .map(({ branch, key, value, origin }) => {
      const above = branch === heading ? '' : `${heading && '\n'}${branch}\n`
      heading = branch
      return `${above}  ${key.padEnd(width.key)}  ${value.padEnd(width.value)}  ${origin}\n`
    })
    .join('')
}

function cellsOf({
  path,
  value,
  files,
  references,
  variables,
}: EffectiveValue): Record<'key' | 'value' | 'origin', string> {
  const key = path.slice(path[0] === 'plasma' ? 2 : 1).map(formatValue)
  const [file = 'default', ...further] = files
  const notes = [
    ...references.map((name) => `@${name}`),
    ...(further.length > 0 ? [further.join(', ')] : []),
    ...variables.map(({ name, from }) => `$${name}: ${SAID[from]}`),
  ]
  return { key: key.join('.'), value: formatValue(value), origin: [file, ...notes].join('  ') }
}

const SAID = { environment: 'set', default: 'not set, its default', unset: 'NOT SET' }

/** A value as it is written in YAML: strings need no quotes unless they look like something else, or could move the cursor. */
export function formatValue(value: unknown): string {
  if (typeof value !== 'string') return escapeControls(JSON.stringify(value))
  const isPlain = /^[^\s"'[\]{},][^\s"]*( [^\s"]+)*$/.test(value) && !/^(true|false|null|-?\d+(\.\d+)?)$/.test(value)
  return isPlain || /^\{\$\w+\}$/.test(value) ? escapeControls(value) : escapeControls(JSON.stringify(value))
}

function escapeControls(text: string): string {
  // eslint-disable-next-line no-control-regex -- a variable may hold what a terminal would obey
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function widthOf(cells: string[], most: number): number {
  return Math.max(0, ...cells.map(({ length }) => length).filter((length) => length <= most))
}
