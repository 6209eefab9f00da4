import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')

describe('docs/security.md', () => {
  const table = readFileSync(join(ROOT, 'docs/security.md'), 'utf8')
  const rows = [...table.matchAll(/^\| ([\d.]+(?:, [\d.]+)*) \| .* \| (.+) \|$/gm)]

  it('has a row for each requirement', () => {
    expect(rows).to.have.length.above(35)
  })

  for (const [, ids = '', files = ''] of rows) {
    it(`names tests that have the id in a title: ${ids} ${files}`, () => {
      const titles = [...files.matchAll(/`([^`]+)`/g)]
        .flatMap(([, file = '']) => readFileSync(join(ROOT, 'test', file), 'utf8').split('\n'))
        .filter((line) => line.includes('OWASP ASVS'))
        .flatMap((line) => line.split(/[\s(),'[\]]+/))
      expect(titles).to.include.members(ids.split(', '))
    })
  }
})
