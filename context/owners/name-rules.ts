/** Maximum characters of a new name. Older names stay valid. */
export const LONGEST_NAME = 64

/** Scripts in everyday use (UAX #31, table 5). Many others contain letters that look like these. */
const SCRIPTS = (
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han Hangul Hebrew Hiragana ' +
  'Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ')
/** Scripts that one name may mix (UTS #39, "Highly Restrictive"). */
const MIXES = ['Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'].map((mix) => mix.split(' '))

/** Phonetic letters and small capitals that look like ASCII. */
const PHONETIC = /[ƄƍƖƽǀ-ǃɑɡɪʏ\u1d00-\u1dbf\ua720-\ua7ff\uab30-\uab6f]/u
/** Cyrillic and Greek letters that look like ASCII. A name made only of these looks Latin. */
const LATIN_LOOKING = /^[АВЕЅІЈКМНОРСТУХҮӀԚԜаеорсухіјѕүһӏԁԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧϳονρυχ]+$/u

/** What is refused, most important first. The rules apply to the decomposed name (NFD). */
const RULES: [fault: RegExp, message: string][] = [
  // A command line would take it for an option.
  [/^-/, 'must not begin with -'],
  [/^ | $/, 'must not begin or end with a space'],
  [/ {2}/, 'must not have two spaces in a row'],
  [/\p{Default_Ignorable_Code_Point}/u, 'must not have invisible characters'],
  // Identifier characters (UAX #31). Other dashes, quotes and spaces look like those in ASCII.
  [/[^\p{XID_Continue}\x20-\x7e]/u, 'must have only letters, digits, spaces and ASCII punctuation'],
  // Marks that hide others or are invisible (UTS #39, 5.4).
  [/^\p{M}|\p{Mn}{5}|(\p{Mn})\1|[\p{Soft_Dotted}ıȷ]\p{Mn}*\u0307/u, 'must not stack combining marks'],
  [PHONETIC, 'must not have letters that look like others'],
  // Connectors, dots and modifier letters of no script look like ASCII punctuation.
  [
    /(?!_)\p{Pc}|\u00b7|(?=\p{Lm})[\p{Script=Common}\p{Script=Inherited}]/u,
    'must have only letters, digits, spaces and ASCII punctuation',
  ],
  // Strokes of Han and Katakana look like letters, digits and punctuation of Latin.
  [/^(?=.*\p{Script=Latin}).*[丨〇丶一ー]/u, 'must not mix scripts that look alike'],
]

/**
 * Finds what is wrong with a new name: people could mistake it for somebody else's (UTS #39), or a program for something
 * else. Check its length first.
 *
 * @returns a message such as `must not begin with -`, or nothing if the name is fine
 */
export function findNameFault(name: string): string | undefined {
  const decomposed = name.normalize('NFD')
  const broken = RULES.find(([fault]) => fault.test(decomposed))
  if (broken) return broken[1]
  // Not decomposed: a mark may belong to more scripts than its letter.
  if (!isOfOneScript(name)) return 'must not mix scripts that look alike'
  if (LATIN_LOOKING.test(decomposed.replace(/\P{L}/gu, ''))) return 'must not look like a name in another script'
  return undefined
}

/** Whether the characters are of one script, or of one of the mixes. */
function isOfOneScript(name: string): boolean {
  const allowed = [...SCRIPTS.map((script) => [script]), ...MIXES].map(charactersOf).join('|')
  // Compiled here, because it would slow down the boot. V8 remembers it.
  return new RegExp(`^(?:${allowed})$`, 'u').test(name)
}

/** A pattern for any number of characters of these scripts, or common to all scripts. */
function charactersOf(scripts: string[]): string {
  return `[${[...scripts, 'Common', 'Inherited'].map((script) => `\\p{Script_Extensions=${script}}`).join('')}]*`
}
