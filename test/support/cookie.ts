import { createHmac } from 'node:crypto'

/** The value of a cookie as express-session signs it. @param id of the session */
export function signed(id: string, secret: string): string {
  const signature = createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, '')
  return encodeURIComponent(`s:${id}.${signature}`)
}
