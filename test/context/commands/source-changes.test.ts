import { expect } from 'chai'
import { describeChanges } from '../../../context/commands/source-changes'

/** What is said of one file of DNA. */
function describeDna(before: unknown, after: unknown, name = 'dna/a.json'): string[] {
  const [old, current] = [before, after].map((content) =>
    typeof content === 'string' ? content : JSON.stringify(content),
  )
  return describeChanges(new Map([[name, old ?? '']]), new Map([[name, current ?? '']]))
}

describe('what has changed', () => {
  it('is named by file, if it is code', () => {
    const before = new Map(Object.entries({ 'b.ts': '1', 'a.ts': '1', 'same.ts': '1', 'dna/gone.json': '{}' }))
    const after = new Map(Object.entries({ 'b.ts': '2', 'same.ts': '1', 'new.ts': '' }))
    expect(describeChanges(before, after)).to.deep.equal([
      'a.ts: deleted',
      'b.ts: changed',
      'dna/gone.json: deleted',
      'new.ts: added',
    ])
    expect(describeChanges(after, after)).to.deep.equal([])
  })

  it('is named by key, if it is DNA, with the old and the new value', () => {
    const before = { port: 1337, list: ['a'], cookie: { secure: false, name: 'id' }, old: true, same: { deep: 1 } }
    const after = { port: '1337', list: ['a', 'b'], cookie: { secure: true, name: 'id' }, fresh: {}, same: { deep: 1 } }
    expect(describeDna(before, after)).to.deep.equal([
      'dna/a.json: port: 1337 → "1337"',
      'dna/a.json: list: ["a"] → ["a","b"]',
      'dna/a.json: cookie.secure: false → true',
      'dna/a.json: old: true → nothing',
      'dna/a.json: fresh: nothing → {}',
    ])
    expect(describeDna('a: off\n', '# why\na: "off"\n', 'dna/a.yaml')).to.deep.equal(['dna/a.yaml: changed'])
    expect(describeDna('a: 1\n', 'a: 2\n', 'dna/a.yaml')).to.deep.equal(['dna/a.yaml: a: 1 → 2'])
  })

  it('is named by file if there are no keys to compare', () => {
    for (const [before, after] of [
      ['{"a": 1', '{"a": 1}'],
      ['{"a": 1}', '{"a": "secret'],
      ['false', '{}'],
      ['{"a":1}', '{ "a": 1 }'],
    ])
      expect(describeDna(before, after)).to.deep.equal(['dna/a.json: changed'])
  })

  it('shows no secret, old or new, and no password of a URL', () => {
    const before = { secret: 'old-unmistakable', copy: 'x', url: 'postgres://cell:old-password@a/b', secretFile: 'a' }
    const after = { secret: 'new-unmistakable', copy: 'new-unmistakable', url: 'postgres://cell:new-password@a/c' }
    expect(describeDna(before, after)).to.deep.equal([
      'dna/a.json: secret: *** → ***',
      'dna/a.json: copy: x → ***',
      'dna/a.json: url: postgres://cell:***@a/b → postgres://cell:***@a/c',
      'dna/a.json: secretFile: a → nothing',
    ])
  })

  it('shows nothing of a file whose name says that it is secret', () => {
    for (const name of ['dna/credentials.json', 'dna/_production/smtp.secrets.json', 'dna/passwords/mail.yaml'])
      expect(describeDna({ mail: 'old' }, { mail: 'new' }, name)).to.deep.equal([`${name}: mail: *** → ***`])
  })

  it('cannot move the cursor', () => {
    expect(describeDna({ a: '\u001b[2J' }, { a: 'b\nc' })).to.deep.equal(['dna/a.json: a: \\u001b[2J → "b\\nc"'])
  })
})
