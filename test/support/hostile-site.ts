import type { Page } from 'playwright-core'
import { listen, type Listening } from './listening'

/** Another site, with whatever pages a test has there. */
export class HostileSite {
  readonly #pages: string[] = []
  #listening: Listening | undefined

  async start(): Promise<void> {
    this.#listening = await listen((req, res) => {
      const { pathname, searchParams } = new URL(req.url ?? '', 'http://hostile')
      const location = searchParams.get('redirect')
      // With the method and the body that it came with.
      if (location !== null) res.writeHead(307, { location }).end()
      else
        res
          .writeHead(200, { 'content-type': 'text/html' })
          .end(`<!doctype html><title>Win a prize</title><body>${this.#pages[Number(pathname.slice(1))] ?? ''}`)
    })
  }

  /** Puts up a page. @returns its URL at this host, which leads to this machine */
  show(host: string, html: string): string {
    const path = this.#pages.push(html) - 1
    return `http://${host}:${new URL(this.#listening?.address ?? '').port}/${path}`
  }

  /** Lets the one who has this page look at others here, each in a tab of its own. */
  async lure(victim: Page, host: string, pages: string[]): Promise<void> {
    const look = async (html: string): Promise<void> => {
      const tab = await victim.context().newPage()
      // A form that is submitted at once interrupts it.
      await tab.goto(this.show(host, html)).catch(() => undefined)
    }
    await Promise.all(pages.map(look))
  }

  async stop(): Promise<void> {
    await this.#listening?.stop()
  }
}
