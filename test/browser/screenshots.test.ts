import { expect } from 'chai'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../support/project'
import { SHOWN, SIZES, THEMES, hashLooks } from '../support/shown-pages'

const FOLDER = join(ROOT, 'docs/screenshots')
/** Bytes of all of them. */
const MOST = 600_000

describe('the screenshots', () => {
  it('show every page in both themes and sizes, and are small', () => {
    const names = SHOWN.flatMap((name) =>
      THEMES.flatMap((theme) => Object.keys(SIZES).map((size) => `${name}-${theme}-${size}.png`)),
    )
    expect(readdirSync(FOLDER).sort()).to.deep.equal([...names, 'looks.txt'].sort())
    const bytes = names.map((name) => statSync(join(FOLDER, name)).size)
    expect(bytes.reduce((sum, each) => sum + each, 0)).to.be.below(MOST)
  })

  it('are as old as the templates, the texts and the stylesheet: otherwise run `npm run screenshots`', () => {
    expect(readFileSync(join(FOLDER, 'looks.txt'), 'utf8').trim()).to.equal(hashLooks())
  })
})
