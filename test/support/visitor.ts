import { Client, newCredentials, type Answer } from './client'
import { Html } from './html'

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

/** A page as a visitor got it. */
export interface Visit extends Answer {
  page: Html
  /** Where it redirects to. */
  location: string | null
}

/** Somebody with a browser: asks for pages, posts forms, and follows redirects when told to. */
export class Visitor extends Client {
  constructor(
    address: string,
    /** What is sent with every request. */
    readonly headers: Record<string, string> = {},
  ) {
    super(address)
  }

  async visit(path: string, headers: Record<string, string> = {}): Promise<Visit> {
    return asVisit(await this.get(path, { ...BROWSER, ...this.headers, ...headers }))
  }

  async fillIn(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Visit> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = new URLSearchParams(fields).toString()
    return asVisit(await this.send('POST', path, body, { ...BROWSER, ...type, ...this.headers, ...headers }))
  }

  /** Posts a form and goes where it leads. */
  async complete(path: string, fields: Record<string, string>): Promise<Visit> {
    const { status, location, page } = await this.fillIn(path, fields)
    if (status !== 303) throw new Error(`${path} answers ${status}: ${page.text}`)
    return this.visit(location ?? '')
  }

  /** Registers on the page, which logs in. @returns the credentials */
  async join(credentials = newCredentials()): Promise<{ username: string; password: string }> {
    await this.complete('/register', credentials)
    return credentials
  }
}

function asVisit(answer: Answer): Visit {
  return { ...answer, page: new Html(answer.text), location: answer.headers.get('location') }
}
