declare module 'on-headers' {
  import type { ServerResponse } from 'node:http'
  /** Calls the listener right before the headers of a response are written. */
  function onHeaders(response: ServerResponse, listener: () => void): void
  export = onHeaders
}
