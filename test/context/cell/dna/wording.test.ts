import { expect } from 'chai'
import { didYouMean, findNearest } from '../../../../context/cell/dna/wording'

describe('the nearest of several words', () => {
  const words = ['port', 'host', 'log', 'registration', '_production', '_test', 'express-server']
  const near: Record<string, string | undefined> = {
    ...{ prot: 'port', PORT: 'port', hots: 'host', lo: 'log', registratoin: 'registration', test: '_test' },
    ...{ expres_server: 'express-server', lgo: undefined, x: undefined, something: undefined, '': undefined },
  }
  it('is one that few edits turn into it, if there is any', () => {
    for (const [word, nearest] of Object.entries(near)) {
      expect(findNearest(word, words), word).to.equal(nearest)
      expect(didYouMean(word, words)).to.equal(nearest === undefined ? '' : `, did you mean "${nearest}"?`)
    }
  })
})
