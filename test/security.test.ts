import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(__dirname, '..')
const ROW = /^\| ([\d., ]+) \| .* \| (.+) \|$/gm

/** Every line of a test that may be a title, but this file's. */
const LINES = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && name !== 'security.test.ts')
  .flatMap((name) => readFileSync(join(__dirname, name), 'utf8').split('\n'))
  .filter((line) => line.includes('OWASP ASVS'))

describe('SECURITY.md', () => {
  const rows = [...readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').matchAll(ROW)]

  it('has a row for each requirement', () => {
    expect(rows).to.have.length.above(35)
  })

  for (const [, ids = '', title = ''] of rows) {
    it(`names a test that is there, with its id: ${ids} ${title}`, () => {
      const named = LINES.filter((line) => line.includes(title))
      expect(named, title).not.to.be.empty
      const words = named.map((line) => line.split(/[\s(),'[\]]+/))
      expect(
        words.some((line) => ids.split(', ').every((id) => line.includes(id))),
        `${title}: ${ids}`,
      ).to.equal(true)
    })
  }
})
