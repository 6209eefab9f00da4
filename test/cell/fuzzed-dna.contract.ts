import { expect } from 'chai'
import fc from 'fast-check'
import { join } from 'node:path'
import { cellFolder, startTestCell } from '../support/cell'
import { keepErrorLog } from '../support/error-log'
import { loadDna } from '../support/load-dna'
import { PATIENCE } from '../support/until'
import { keepWarnings } from '../support/warnings'

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 0.5, 1e21, '', ' ', 'x', [], {}, [[]]),
  fc.constantFrom<unknown>('{$NOT_SET}', '{$}', '@nowhere.x', '@{data.folder}', 'CellBuilt', ['CellReady']),
  fc.constant('plasma/database'),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'grapheme' }),
)
/** A fuzzer must not write outside of its folder. */
const isElsewhere = (value: unknown): boolean => /"(\/|[^"]*\.\.)/.test(JSON.stringify(value))

/**
 * What holds whatever the DNA says.
 *
 * @param count cells that are tried
 */
export function describeFuzzedDna(count: number): void {
  describe(`a cell with DNA that nobody would write, ${count} times`, () => {
    keepErrorLog()
    keepWarnings()

    it('starts and ends, or is refused with a line for each fault', async function () {
      this.timeout(count * 500 + 180_000)
      const root = cellFolder()
      const data = { folder: join(root, 'data') }
      const { plasma } = await loadDna({ folder: join(root, 'dna'), mode: '_test', changes: { data } })
      const paths = [...pathsIn(plasma, []), ...Object.keys(plasma).map((name) => [name, 'unknown'])]
      const change = fc.record({ path: fc.constantFrom(...paths), value: odd.filter((value) => !isElsewhere(value)) })
      let refused = 0
      const startAndStop = async (changes: object): Promise<string> => {
        try {
          await (await startTestCell({ data, plasma: changes }, root)).stop()
          return 'started'
        } catch (error) {
          refused += 1
          const lines = error instanceof Error ? error.message.split('\n') : ['']
          return lines.some((line) => line.trim() === '') ? 'refused without a word' : 'refused'
        }
      }
      for (const changes of fc.sample(fc.array(change, { minLength: 1, maxLength: 2 }), count)) {
        const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, 'hangs').unref())
        const outcome = await Promise.race([startAndStop(asDna(changes)), late])
        expect(outcome, JSON.stringify(changes)).to.be.oneOf(['started', 'refused'])
      }
      expect(refused).to.be.above(count / 4)
    })
  })
}

/** Every key of a branch and of its branches, as a path from the top. */
function pathsIn(branch: object, above: string[]): string[][] {
  return Object.entries(branch).flatMap(([key, value]: [string, unknown]) => {
    const path = [...above, key]
    return isBranch(value) && !Array.isArray(value) ? [path, ...pathsIn(value, path)] : [path]
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

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
