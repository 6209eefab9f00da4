import { expect } from 'chai'
import { findNameFault } from '../../../context/owners/name-rules'

const ACCEPTED = [
  'ß',
  'gabriel jr',
  '__proto__',
  'Łukasz Żak',
  'Nguyễn Thị Ánh',
  'Işık',
  'İlker',
  "O'Brien",
  'добрыня',
  'ελένη',
  'שָׁלוֹם',
  'مُحَمَّد',
  'किरण',
  '山田たろう',
  'サトウ Ken',
  '李Lee',
  '김Kim',
]

/** Names that people could mistake for others, or a program for something else. */
const REFUSED: [what: string, name: string, message: RegExp][] = [
  ['begins with -', '--all', /begin with -/],
  ['begins with a full-width -', '－－all', /ASCII punctuation/],
  ['begins with a space', ' gabriel', /begin or end with a space/],
  ['ends with a space', 'gabriel ', /begin or end with a space/],
  ['is a space', ' ', /begin or end with a space/],
  ['has two spaces in a row', 'ada  lovelace', /two spaces/],
  ['has a no-break space', 'gabriel\u00a0', /ASCII punctuation/],
  ['has another dash', 'ada\u2010lovelace', /ASCII punctuation/],
  ['has a middle dot', 'ada\u00b7lovelace', /ASCII punctuation/],
  ['has a letter that looks like an exclamation mark', 'ada\u01c3', /look like others/],
  ['has a letter that looks like a colon', 'ada\u02d0lovelace', /ASCII punctuation/],
  ['has a Han stroke that looks like an l', 'a\u4e28ice', /mix scripts/],
  ['has a Han zero that looks like an o', 'b\u3007b', /mix scripts/],
  ['has a soft hyphen', 'a\u00adda', /invisible/],
  ['has a zero-width joiner', 'a\u200dda', /invisible/],
  ['has one Cyrillic letter', 'аda', /mix scripts/],
  ['has a Bengali digit', 'ada৪', /mix scripts/],
  ['has only Cyrillic letters that look Latin', 'Соре', /look like a name/],
  ['has only Cyrillic letters with marks that look Latin', 'ёо', /look like a name/],
  ['is in Cherokee', 'ᎪᎠᎪ', /mix scripts/],
  ['has phonetic letters', 'ɑdɑ', /look like others/],
  ['begins with a mark', '\u0301ada', /stack combining marks/],
  ['has a mark twice', 'ada\u0301\u0301', /stack combining marks/],
  ['has marks piled up', 'ada\u0300\u0301\u0302\u0303\u0304', /stack combining marks/],
  ['has a second dot on an i', 'i\u0307da', /stack combining marks/],
]

describe('a new name', () => {
  it('may be in any script that is in everyday use', () => {
    for (const name of ACCEPTED) expect(findNameFault(name), name).to.equal(undefined)
  })

  it('is refused if people or programs could take it for something else', () => {
    for (const [what, name, message] of REFUSED) expect(findNameFault(name), what).to.match(message)
  })
})
