import type { Page } from 'playwright-core'
import { listen, type Listening } from './listening'

/** Another site, with the pages that a test puts there. */
export class HostileSite {
  readonly #pages: string[] = []
  #listening: Listening | undefined

  async start(): Promise<void> {
    this.#listening = await listen((req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? '', 'http://hostile')
      const location = searchParams.get('redirect')
      // 307 keeps the method and the body.
      if (location !== null) res.writeHead(307, { location }).end()
      else
        res
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<!doctype html><title>Win a prize</title><body>${this.#pages[Number(pathname.slice(1))] ?? ''}`)
    })
  }

  /** Publishes a page. @returns its URL at this host, which resolves to this machine */
  show(host: string, html: string): string {
    const path = this.#pages.push(html) - 1
    return `http://${host}:${new URL(this.#listening?.address ?? '').port}/${path}`
  }

  /** Opens hostile pages in the victim's browser, each in its own tab. */
  async lure(victim: Page, host: string, pages: string[]): Promise<void> {
    const open = async (html: string): Promise<void> => {
      const tab = await victim.context().newPage()
      // A form that submits at once interrupts the navigation.
      await tab.goto(this.show(host, html)).catch(() => undefined)
    }
    await Promise.all(pages.map(open))
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
  }
}
