import type { SessionData } from 'express-session'

/** How long a session lasts, in milliseconds. */
export interface Lifetime {
  /** Since it was last used (OWASP ASVS 7.3.1). */
  idle: number
  /** Since it was created, used or not (OWASP ASVS 7.3.2). */
  absolute: number
}

/** How long the sessions of a store last, in milliseconds. */
export interface Lifetimes extends Lifetime {
  /** For owners who asked to be remembered. Absent if nobody can ask. */
  remember?: Lifetime | undefined
  /** Reading a session that was used more recently than this writes nothing. */
  touch: number
}

/** A remembered owner's session has a cookie that the browser keeps. */
export function lifetimeOf({ cookie, ownerId }: Partial<SessionData>, lifetimes: Lifetimes): Lifetime {
  const isRemembered = typeof cookie?.originalMaxAge === 'number' && ownerId !== undefined
  return (isRemembered && lifetimes.remember) || lifetimes
}
