import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DnaError, blameKey, messageOf, type Problem } from '../cell'
import { checkNearMiss, listFolder } from './overrides'

/** The language of pages for people who accept none of the others. */
const DEFAULT_LANGUAGE = 'en'
/** Our own texts. In a build they lie beside the compiled code. */
const FOLDER = join(__dirname, 'texts')
/** Keys of which a team may have more: fields of its owner model, codes of its routes. */
const OPEN = /^(field|code|rule|status)\./
const LANGUAGE_FILE = /^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.json$/

/** Every sentence of one language, by key. `{name}` stands for a value. */
type Texts = Readonly<Record<string, string>>

/** What a person did wrong, or what went wrong, in words. */
export interface Fault {
  /** The name of the field at fault, if it is one. */
  field: string | undefined
  message: string
}

/** What the pages say in one language. */
export class Words {
  readonly #texts: Texts
  // Made when first needed, because they would slow down the boot.
  #relativeFormat: Intl.RelativeTimeFormat | undefined
  #dateFormat: Intl.DateTimeFormat | undefined

  /** @throws {RangeError} if `language` is not a language tag (BCP 47) */
  constructor(
    /** As in `<html lang>`. */
    readonly language: string,
    texts: Texts,
  ) {
    Intl.getCanonicalLocales(language)
    this.#texts = texts
  }

  /**
   * The text of a key, as plain text: templates escape it.
   *
   * @throws {Error} for an unknown key
   * @example words.say('login.heading', { app: 'Organic cell' })
   */
  say(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    const text = this.#texts[key]
    if (text === undefined) throw new Error(`there is no text ${key} in ${this.language}.json`)
    return text.replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? ''))
  }

  /** Whether there is a text with this key. An empty one is a text. */
  knows(key: string): boolean {
    return this.#texts[key] !== undefined
  }

  /** The text of a key, or what it stands for if nobody has given it words. */
  sayIfKnown(key: string, otherwise: string): string {
    return this.#texts[key] ?? otherwise
  }

  /** The label of a field of the owner model, or of a form. */
  labelOf(field: string): string {
    return this.sayIfKnown(`field.${field}`, field.charAt(0).toUpperCase() + field.slice(1))
  }

  /** The title of an answer with this status. */
  titleOf(status: number): string {
    return this.sayIfKnown(`status.${status}`, this.say('status.other'))
  }

  /** What a problem says. Codes of your own without a text say what the problem itself says. */
  describe({ status, code, field, rule, retryAfter, message }: Problem): Fault {
    const sentence = this.sayIfKnown(`code.${code}`, message)
    if (field !== undefined && rule !== undefined) return { field, message: this.sayIfKnown(`rule.${rule}`, sentence) }
    if (retryAfter !== undefined) {
      return { field, message: `${sentence} ${this.say('errors.retry', { wait: this.after(retryAfter) })}` }
    }
    // Another service, or a store, is away.
    return { field, message: status > 501 ? `${sentence} ${this.say('errors.later')}` : sentence }
  }

  /** A time to come, as in "in 2 minutes". @param seconds from now on */
  after(seconds: number): string {
    return this.#formatRelative(...inUnits(Math.max(1, seconds), Math.ceil))
  }

  /** A time that has passed, as in "5 minutes ago". @param milliseconds until now */
  ago(milliseconds: number): string {
    const seconds = milliseconds / 1000
    if (seconds < 60) return this.say('time.now')
    const [count, unit] = inUnits(seconds, Math.floor)
    return this.#formatRelative(-count, unit)
  }

  /** A day, in UTC. @param time ISO 8601 */
  day(time: string): string {
    this.#dateFormat ??= new Intl.DateTimeFormat(this.language, { dateStyle: 'long', timeZone: 'UTC' })
    return this.#dateFormat.format(new Date(time))
  }

  #formatRelative(count: number, unit: Intl.RelativeTimeFormatUnit): string {
    this.#relativeFormat ??= new Intl.RelativeTimeFormat(this.language, { numeric: 'always' })
    return this.#relativeFormat.format(count, unit)
  }
}

function inUnits(
  seconds: number,
  round: (value: number) => number,
): [count: number, unit: Intl.RelativeTimeFormatUnit] {
  if (seconds < 60) return [round(seconds), 'second']
  if (seconds < 60 * 60) return [round(seconds / 60), 'minute']
  if (seconds < 24 * 60 * 60) return [round(seconds / (60 * 60)), 'hour']
  return [round(seconds / (24 * 60 * 60)), 'day']
}

/**
 * Loads the texts of all languages: ours, with those of a team's `texts/` folder over them. A language of the team's own says
 * in English what it has no words for.
 *
 * @param own absolute path of a folder with `texts/en.json` and the like, if DNA names one
 * @returns the words by language, English first
 * @throws {DnaError} that names the file and the key at fault
 */
export function loadWords(own: string | undefined): Map<string, Words> {
  const languages = new Map([DEFAULT_LANGUAGE, 'de'].map((language) => [language, readTexts(FOLDER, language)]))
  const ours = Object.keys(languages.get(DEFAULT_LANGUAGE) ?? {})
  for (const name of listFolder(own, 'texts').filter((each) => each.endsWith('.json'))) {
    const [, language] = LANGUAGE_FILE.exec(name) ?? []
    if (language === undefined) throw new DnaError('folder', `texts/${name}: expected a language, as in en.json`)
    const texts = readTexts(join(own ?? '', 'texts'), language)
    for (const key of Object.keys(texts).filter((each) => !OPEN.test(each)))
      checkNearMiss(`texts/${name}: ${key}`, key, ours)
    languages.set(language, { ...languages.get(language), ...texts })
  }
  // What the team says in English, the team's other languages say unless they have words for it.
  const spoken = languages.get(DEFAULT_LANGUAGE) ?? {}
  const wordsOf = (language: string, texts: Texts): Words =>
    blameKey('folder', () => new Words(language, { ...spoken, ...texts }), `texts/${language}.json: `)
  return new Map([...languages].map(([language, texts]) => [language, wordsOf(language, texts)]))
}

function readTexts(folder: string, language: string): Texts {
  const file = join(folder, `${language}.json`)
  let texts: unknown
  try {
    texts = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new DnaError('folder', `${file}: ${messageOf(cause)}`, { cause })
  }
  const isFlat = typeof texts === 'object' && texts !== null && !Array.isArray(texts)
  if (!isFlat) throw new DnaError('folder', `${file}: expected an object of texts`)
  const wrong = Object.entries(texts as object).find(([, text]) => typeof text !== 'string')?.[0]
  if (wrong !== undefined) throw new DnaError('folder', `${file}: ${wrong}: expected a string`)
  return texts as Texts
}
