import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { until } from './until'

const CHANNEL = 'http.server.request.start'

/** A request and its response. */
export interface Arrival {
  request: IncomingMessage
  response: ServerResponse
}

/** The requests that servers in this process receive while the tests of a block run. */
export class Arrivals {
  #all: Arrival[] = []

  /** Records the requests of the current test. */
  static keep(): Arrivals {
    const arrivals = new Arrivals()
    const keep = (message: unknown): void => {
      arrivals.#all.push(message as Arrival)
    }
    before(() => subscribe(CHANNEL, keep))
    beforeEach(() => (arrivals.#all = []))
    after(() => unsubscribe(CHANNEL, keep))
    return arrivals
  }

  /** All requests to a server so far. */
  at(address: string): Arrival[] {
    const { host } = new URL(address)
    return this.#all.filter(({ request }) => request.headers.host === host)
  }

  /** Waits until a server has answered this many posts from browsers, which send an Origin. @returns all of them so far */
  async posts(address: string, count: number): Promise<Arrival[]> {
    const posts = (): Arrival[] =>
      this.at(address).filter(({ request: { method, headers }, response }) => {
        return method === 'POST' && headers.origin !== undefined && response.writableFinished
      })
    await until(
      () => posts().length >= count,
      () => `${posts().length} of ${count} posts were answered`,
    )
    return posts()
  }
}
