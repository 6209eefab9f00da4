import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { until } from './until'

const CHANNEL = 'http.server.request.start'

/** A request, and what becomes of it. */
export interface Arrival {
  request: IncomingMessage
  response: ServerResponse
}

/** The requests that come in at the servers of this process while the tests of a block run, whoever sends them. */
export class Arrivals {
  #all: Arrival[] = []

  /** Of the test that runs. */
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

  /** Every request to a server so far. */
  at(address: string): Arrival[] {
    const { host } = new URL(address)
    return this.#all.filter(({ request }) => request.headers.host === host)
  }

  /** Waits for so many posts of browsers, which have an Origin, that a server has answered. @returns all that there are */
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
