import { expect } from 'chai'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceResults, writePerformancePage } from '../../bench/performance-page'
import { benchResults } from '../support/bench-results'
import { ROOT } from '../support/project'
import { temporaryFolder } from '../support/temporary-folder'

describe('docs/performance.md', () => {
  const own = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8')

  it('gets new tables and a new picture, and keeps its text', () => {
    const folder = temporaryFolder()
    const page = join(folder, 'performance.md')
    writeFileSync(page, own)
    writePerformancePage(folder, benchResults(), 'cell')
    const first = readFileSync(page, 'utf8')
    expect(first).to.contain('- machine of this test\n\n### Guarded requests')
    for (const heading of own.match(/^## .*/gm) ?? []) expect(first).to.contain(heading)
    expect(readFileSync(join(folder, 'performance.svg'), 'utf8')).to.contain('</svg>')
    writePerformancePage(folder, benchResults(), 'cell')
    expect(readFileSync(page, 'utf8')).to.equal(first)
  })

  it('is left alone if it does not say where the tables belong', () => {
    expect(() => replaceResults('# A page', 'tables')).to.throw('the page has no')
  })

  it('shows the picture', () => {
    expect(own).to.contain('](performance.svg)')
    expect(readFileSync(join(ROOT, 'docs/performance.svg'), 'utf8')).to.contain('</svg>')
  })
})
