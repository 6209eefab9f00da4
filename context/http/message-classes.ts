import type { Express } from 'express'
import { IncomingMessage, ServerResponse } from 'node:http'

/** What a server makes its requests and responses with, as in the options of Node's `createServer`. */
export interface MessageClasses {
  IncomingMessage: typeof IncomingMessage
  ServerResponse: typeof ServerResponse
}

/**
 * Creates classes of requests and responses that have the prototypes of this application from the start. Express would set
 * those on every request. That makes V8 forget what it knows about the objects: whatever touches them afterwards takes
 * almost twice the time, and they stay in memory until a major garbage collection.
 */
export function createMessageClasses(app: Express): MessageClasses {
  class AppRequest extends IncomingMessage {}
  class AppResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  Object.setPrototypeOf(AppRequest.prototype, app.request)
  Object.setPrototypeOf(AppResponse.prototype, app.response)
  Object.assign(app, { request: AppRequest.prototype, response: AppResponse.prototype })
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse }
}
