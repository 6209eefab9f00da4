import { expect } from 'chai'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DnaFuzzFigures } from '../support/dna-fuzzer'
import { CellProcess, START } from '../support/process'
import { ROOT, copyProject } from '../support/project'

/**
 * What holds whatever stands in the DNA.
 *
 * @param count cells that are tried
 * @param report gets how many of them started
 */
export function describeFuzzedDna(count: number, report?: (figures: DnaFuzzFigures) => void): void {
  describe(`a cell with DNA as nobody would write it, ${count} times`, () => {
    it('starts and ends, or is refused with a line for each fault', async function () {
      this.timeout(count * 500 + 30_000)
      const folder = copyProject()
      mkdirSync(join(folder, 'data'))
      const command = [...START, join(ROOT, 'test/support/dna-fuzzer.ts'), String(count)]
      const { stdout, stderr } = await new CellProcess(folder, { CELL_DATA: 'data' }, command).ended
      const last = stdout.trim().split('\n').at(-1)
      const figures = JSON.parse(last?.startsWith('{') ? last : JSON.stringify({ stderr })) as DnaFuzzFigures
      report?.(figures)
      expect(figures.wrong).to.deep.equal([])
      expect(figures.started + figures.refused).to.equal(count)
      expect(figures.refused).to.be.above(count / 4)
    })
  })
}
