import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { PROBLEM_CODES, Problem } from '../../../context/cell'
import { Words, loadWords } from '../../../context/pages/texts'

const FOLDER = 'context/pages/texts'
const read = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(`${FOLDER}/${language}.json`, 'utf8')) as Record<string, string>
const placeholdersIn = (text = ''): string[] => (text.match(/\{\w+\}/g) ?? []).sort()

/** Where messages about fields come from. */
const RULES = ['context/owners/input.ts', 'context/owners/kind.ts', 'context/owners/name-rules.ts']

describe('the texts of the pages', () => {
  const english = read('en')
  const words = loadWords(undefined)

  it('are the same in all languages, with the same values in them', () => {
    expect(readdirSync(FOLDER).sort()).to.deep.equal(['de.json', 'en.json'])
    for (const [key, text] of Object.entries(read('de'))) {
      expect(english, key).to.have.property(key)
      expect(placeholdersIn(text), key).to.deep.equal(placeholdersIn(english[key]))
      expect(text, key).to.not.equal('')
    }
    expect(Object.keys(read('de'))).to.deep.equal(Object.keys(english))
  })

  it('have words for every error code, and a title for every status', () => {
    for (const language of ['en', 'de']) {
      for (const [code, status] of Object.entries(PROBLEM_CODES)) {
        expect(read(language), language).to.have.property(`code.${code}`)
        expect(read(language), language).to.have.property(`status.${status}`)
      }
    }
  })

  it('have words for every rule about fields', () => {
    const source = RULES.map((file) => readFileSync(file, 'utf8')).join('\n')
    const quoted = [...source.matchAll(/(?:'|: ')((?:must|is) [^']+)'/g)].map(([, rule = '']) => rule)
    const rules = [...quoted, ...[64, 200, 254, 256].map((most) => `must have at most ${most} characters`)]
    expect(rules.length).to.be.above(15)
    // Trust points and operators alone get these.
    const others = /safe integer|is invalid/
    for (const rule of rules.filter((each) => !others.test(each))) expect(english).to.have.property(`rule.${rule}`)
    expect(english).to.have.property('rule.must have at least 8 characters')
  })

  it('describe a problem in words, and beside its field if it has one', () => {
    const german = words.get('de') as Words
    const describe = (code: string, options: object, detail = 'in English'): unknown =>
      german.describe(new Problem(400, code, detail, options))
    expect(describe('INVALID_REGISTRATION', { field: 'username', rule: 'must not be empty' })).to.deep.equal({
      field: 'username',
      message: 'Füllen Sie dieses Feld aus.',
    })
    expect(describe('TOO_BUSY', { retryAfter: 5 })).to.deep.equal({
      field: undefined,
      message: 'Gerade melden sich zu viele Menschen an. Versuchen Sie es in 5 Sekunden noch einmal.',
    })
    // Never both "later" and a time.
    const away = [{ retryAfter: 1 }, {}].map(
      (options) => german.describe(new Problem(503, 'REMOTE_UNAVAILABLE', 'in English', options)).message,
    )
    expect(away.map((message) => message.split(' erreichbar. ')[1])).to.deep.equal([
      'Versuchen Sie es in 1 Sekunde noch einmal.',
      'Versuchen Sie es später noch einmal.',
    ])
    // Codes and rules of a team's own.
    expect(describe('SEAT_TAKEN', {})).to.deep.equal({ field: undefined, message: 'in English' })
    expect(describe('SEAT_TAKEN', { field: 'seat', rule: 'own' })).to.deep.equal({
      field: 'seat',
      message: 'in English',
    })
  })

  it('say times in the unit that people use', () => {
    const [inEnglish] = words.values()
    const said = [1, 59, 60, 61, 3599, 3601, 90_000].map((seconds) => inEnglish?.after(seconds))
    const minutes = ['in 1 minute', 'in 2 minutes', 'in 60 minutes']
    expect(said).to.deep.equal(['in 1 second', 'in 59 seconds', ...minutes, 'in 2 hours', 'in 2 days'])
    const past = [0, 59_999, 60_000, 3_600_000, 200_000_000].map((milliseconds) => inEnglish?.ago(milliseconds))
    expect(past).to.deep.equal(['just now', 'just now', '1 minute ago', '1 hour ago', '2 days ago'])
  })
})
