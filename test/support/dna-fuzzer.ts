import fc from 'fast-check'
import { resolve } from 'node:path'
import type { startCell as StartCell } from '../../cell'
import type { loadDna as LoadDna } from '../../context/cell/dna'
import { PATIENCE } from './until'

/** What has come of cells with DNA that nobody would write. */
export interface DnaFuzzFigures {
  started: number
  refused: number
  /** What was neither, with the DNA that brought it about. */
  wrong: string[]
}

const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e21,
    '',
    ' ',
    'x',
    [],
    {},
    [[]],
    '{$NOT_SET}',
    '{$}',
    '@nowhere.x',
    '@{data.folder}',
    'CellBuilt',
    ['CellReady'],
    'plasma/database',
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'grapheme' }),
)

/** In the folder of a project: starts its cell with one or two values of its DNA changed, so many times. */
async function main(count: number): Promise<DnaFuzzFigures> {
  // The project's own, not this one's.
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { startCell } = require(resolve('cell.ts')) as { startCell: typeof StartCell }
  const { loadDna } = require(resolve('context/cell/dna/index.ts')) as { loadDna: typeof LoadDna }
  /* eslint-enable @typescript-eslint/no-require-imports */
  const { plasma } = await loadDna({ folder: resolve('dna'), mode: '_test' })
  const paths = [...pathsIn(plasma, []), ...Object.keys(plasma).map((name) => [name, 'unknown'])]
  const change = fc.record({ path: fc.constantFrom(...paths), value: odd.filter((value) => !isElsewhere(value)) })

  const figures: DnaFuzzFigures = { started: 0, refused: 0, wrong: [] }
  const fail = (what: string, changes: unknown): unknown => figures.wrong.push(`${what}: ${JSON.stringify(changes)}`)
  let current: unknown
  process.on('uncaughtException', (error) => fail(`uncaught ${error.message}`, current))
  for (const changes of fc.sample(fc.array(change, { minLength: 1, maxLength: 2 }), count)) {
    current = changes
    const trial = startAndStop(startCell, asDna(changes)).then(
      () => (figures.started += 1),
      (error: unknown) => {
        figures.refused += 1
        const message = error instanceof Error ? error.message : 'no error'
        // A line for each fault, each of which says something.
        if (message.split('\n').some((line) => line.trim() === ''))
          fail(`refused with ${JSON.stringify(message)}`, changes)
      },
    )
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, 'late').unref())
    if ((await Promise.race([trial, late])) === 'late') fail('hangs', changes)
  }
  return figures
}

async function startAndStop(startCell: typeof StartCell, plasma: object): Promise<void> {
  const cell = await startCell({ mode: '_test', changes: { plasma } })
  await cell.stop()
}

/** Every key of a branch and of its branches, as its way from the top. */
function pathsIn(branch: object, way: string[]): string[][] {
  return Object.entries(branch).flatMap(([key, value]: [string, unknown]) => {
    const path = [...way, key]
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [path, ...pathsIn(value, path)]
      : [path]
  })
}

function asDna(changes: { path: string[]; value: unknown }[]): object {
  const dna: Record<string, unknown> = {}
  for (const { path, value } of changes) {
    let branch = dna
    for (const key of path.slice(0, -1))
      branch = (branch[key] = isBranch(branch[key]) ? branch[key] : {}) as Record<string, unknown>
    branch[path.at(-1) ?? ''] = value
  }
  return dna
}

function isBranch(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** A fuzzer must not write outside of its folder. */
function isElsewhere(value: unknown): boolean {
  return /"(\/|[^"]*\.\.)/.test(JSON.stringify(value))
}

main(Number(process.argv[2])).then(
  (figures) => {
    process.stdout.write(`\n${JSON.stringify(figures)}\n`, () => process.exit())
  },
  (error: unknown) => {
    console.error(error)
    process.exit(1)
  },
)
