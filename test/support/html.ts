/** What tests look for in a page, read as simply as our templates are written. */
export class Html {
  constructor(readonly source: string) {}

  get title(): string {
    return decode(/<title>([^<]*)<\/title>/.exec(this.source)?.[1] ?? '')
  }

  get language(): string | undefined {
    return /<html lang="([^"]+)">/.exec(this.source)?.[1]
  }

  /** All that a person reads, in one line. */
  get text(): string {
    const [, body = ''] = this.source.split('<body>')
    return decode(body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')).trim()
  }

  /** What is confirmed, if anything is. */
  get notice(): string | undefined {
    return this.#textIn(/<p class="notice" role="status">([^<]*)<\/p>/)
  }

  /** All errors, each with its field if it stands beside one. */
  get faults(): (readonly [field: string | undefined, message: string])[] {
    return [...this.source.matchAll(/<p class="faults?" (?:role="alert"|id="([^"]+)-fault")>([^<]*)</g)].map(
      ([, field, message = '']) => [field, decode(message)] as const,
    )
  }

  /** The error beside a field, by what assistive technology reads. */
  faultOf(field: string): string | undefined {
    const { 'aria-describedby': notes = '', 'aria-invalid': isInvalid } = this.inputs[field] ?? {}
    if (isInvalid !== 'true' || !notes.split(' ').includes(`${field}-fault`)) return undefined
    return this.#textIn(new RegExp(`id="${field}-fault">([^<]*)<`))
  }

  /** The attributes of every field with a name. Those without a value are empty. */
  get inputs(): Record<string, Record<string, string>> {
    const all = [...this.source.matchAll(/<input ([^>]*)>/g)].map(([, attributes = '']) => readAttributes(attributes))
    return Object.fromEntries(all.map((attributes) => [attributes['name'] ?? '', attributes]))
  }

  /** Where its forms post to. */
  get actions(): string[] {
    return [...this.source.matchAll(/<form[^>]* action="([^"]+)"/g)].map(([, action = '']) => action)
  }

  /** Where its links and buttons in the main part lead to. */
  get links(): string[] {
    const [, main = ''] = this.source.split('<main')
    return [...main.matchAll(/<a [^>]*href="([^"]+)"/g)].map(([, href = '']) => decode(href))
  }

  #textIn(pattern: RegExp): string | undefined {
    const [, found] = pattern.exec(this.source) ?? []
    return found === undefined ? undefined : decode(found)
  }
}

function readAttributes(source: string): Record<string, string> {
  const pairs = [...source.matchAll(/([\w-]+)(?:="([^"]*)")?/g)]
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, decode(value)]))
}

function decode(html: string): string {
  const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }
  return html.replace(/&(lt|gt|quot|#39|amp);/g, (_all, name: string) => entities[name] ?? '')
}
