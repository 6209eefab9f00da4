import type { Callback } from '../../context/cell'
import type { Actor } from './login-record'
import type { Owner, OwnerModel } from './owner-model'

/** One of the sessions of an owner, as that owner may see it. Times are ISO 8601, in UTC. */
export interface OwnSession {
  /** The session's handle, `session` in chemicals, which is useless as a cookie. */
  id: string
  createdAt: string
  lastSeenAt: string
  expiresAt: string
  /** The client that last used the session. */
  address: string | null
  agent: string | null
  /** The application that acts in it. */
  actor?: Actor
  /** Whether it is the session that asks. */
  current: boolean
}

/** Rejects `any`, the type of `req.body`: an untyped owner may be what a client sent. */
type Typed<T> = 0 extends 1 & T ? never : T

/** The sessions of one storage, as `plasma[dna.name](storage)` returns them. */
export interface SessionApi<O extends Owner, C> {
  /**
   * Finds the owner of the credentials and logs them in: writes `owner.id` to `storage.ownerId`. An express-session session
   * gets a new id and is saved before the callback.
   *
   * With `credentials.ownerId`, an application logs in for that owner. `credentials.remember` asks for a longer session, if
   * the session store has one. Models and trust points do not see it. Credentials that are not strings are an error:
   * {@link InvalidCredentialsShape}.
   *
   * @example
   * plasma.sessions(req.session).login(req.body, function (err, user) {
   *   if (err) return next(err)
   *   if (!user) return next(new InvalidCredentials())
   *   res.redirect(303, '/')
   * })
   */
  login(credentials: C & { ownerId?: unknown; remember?: unknown }, callback: Callback<O>): void
  /**
   * Logs in an owner found elsewhere, at once.
   *
   * @throws {TypeError} for anything the client sent, and for an object with a credential field such as `password`
   * @throws {Error} if the owner has no id
   *
   * @example
   * const owner = await Invitations.redeem(req.params.token)
   * plasma.sessions(req.session).login(owner)
   */
  login<T extends O>(owner: T & Typed<T>): void
  /**
   * Logs in an owner found elsewhere, whatever fields it has, without a password. Never pass what a client sent.
   *
   * @returns a promise that resolves when the session has its new id and is saved
   *
   * @example
   * await plasma.sessions(req.session).loginAs(owner)
   */
  loginAs<T extends O>(owner: T & Typed<T>): Promise<void>
  /**
   * Does what `login(credentials, callback)` does, and returns a promise.
   *
   * @returns nothing if no owner has these credentials
   *
   * @example
   * const owner = await plasma.sessions(req.session).authenticate(req.body)
   * if (!owner) throw new InvalidCredentials()
   */
  authenticate(credentials: C & { ownerId?: unknown; remember?: unknown }): Promise<O | undefined>
  /**
   * Finds the owner who is logged in.
   *
   * @example
   * const owner = await plasma.sessions(req.session).owner()
   * if (!owner) throw new LoginRequired()
   */
  owner(callback: Callback<O>): void
  owner(): Promise<O | undefined>
  /** Does what {@link owner} does, under its other documented name. */
  user(callback: Callback<O>): void
  user(): Promise<O | undefined>
  /** The application that acts for the owner who is logged in, if one does. */
  actor(): Actor | undefined
  /**
   * Logs out: ends an express-session session, or forgets the owner in a plain object.
   *
   * @example
   * await plasma.sessions(req.session).logout()
   */
  logout(callback: (error?: unknown) => void): void
  logout(): Promise<void>
  /** Whether a login may ask to be remembered here. */
  remembers(): boolean
  /**
   * Lists the sessions of the owner who is logged in, the last used first (OWASP ASVS 7.5.2).
   *
   * This and the following functions fail with {@link LoginRequired} if nobody is logged in, and with 501 if the session
   * store cannot find the sessions of an owner.
   *
   * @example
   * for (const { id, current } of await sessions.list()) if (!current) await sessions.end(id)
   */
  list(): Promise<OwnSession[]>
  /** Ends one of them. The current one is logged out. @returns whether the owner had such a session */
  end(id: string): Promise<boolean>
  /** Ends all of them but the current one. */
  endOthers(): Promise<void>
  /**
   * Continues under a new session id after a change of the owner's credentials, and ends all their other sessions
   * (OWASP ASVS 7.4.3).
   *
   * @param owner the changed owner
   *
   * @example
   * const owner = await User.changePassword(req.user.id, req.body)
   * await plasma.sessions(req.session).renew(owner)
   */
  renew(owner: O): Promise<void>
}

/** The function that the organelle puts on the plasma. */
export interface Sessions<O extends Owner, C, M extends OwnerModel<O, C> = OwnerModel<O, C>> {
  /** @param storage an express-session session, or any object */
  (storage: object | undefined): SessionApi<O, C>
  /** The model that DNA names, for whatever else the cell does with owners. */
  readonly ownerModel: M
  /** Whether there is a trust point for users. If so, people who register here could take the names of its users. */
  readonly asksTrustPoint: boolean
}
