/** An answer, its body parsed where it is JSON. */
export interface Answer {
  status: number
  headers: Headers
  body: unknown
  text: string
}

/** An HTTP client that keeps cookies, as a browser or curl's jar does. */
export class Client {
  readonly cookies = new Map<string, string>()

  /** @param address as in `http://127.0.0.1:1337` */
  constructor(readonly address: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, undefined, headers)
  }

  /** Posts JSON. */
  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const json = body === undefined ? undefined : JSON.stringify(body)
    return this.send(
      'POST',
      path,
      json,
      json === undefined ? headers : { 'content-type': 'application/json', ...headers },
    )
  }

  /** Posts a form and asks for HTML, as a browser does. Redirects are not followed. */
  submit(path: string, fields: Record<string, string>): Promise<Answer> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    }
    return this.send('POST', path, new URLSearchParams(fields).toString(), headers)
  }

  /** Makes a user and logs in as that user. @returns the credentials */
  async registerAndLogIn(credentials = newCredentials()): Promise<{ username: string; password: string }> {
    for (const [path, expected] of [
      ['/api/register', 201],
      ['/api/login', 200],
    ] as const) {
      const { status, text } = await this.post(path, credentials)
      if (status !== expected) throw new Error(`${path} answers ${status}: ${text}`)
    }
    return credentials
  }

  /** A client with the cookies that this one has now, as an attacker has who copied them. @param address of another cell */
  copy(address = this.address): Client {
    const copy = new Client(address)
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }

  async send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.address + path, {
      method,
      headers: { accept: 'application/json', ...(cookie ? { cookie } : {}), ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (/; Expires=Thu, 01 Jan 1970/i.test(set)) this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text }
  }
}

/** Credentials that no other test has. */
export function newCredentials(): { username: string; password: string } {
  return { username: `user-${crypto.randomUUID()}`, password: 'correct horse battery' }
}
