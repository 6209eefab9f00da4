/** Answers once: an error, an owner, or nothing at all where nobody was found. */
export type Callback<O> = (error?: unknown, owner?: O) => void

/** Who can be logged in. It has an `id`, or the `_id` of a raw document. */
export interface Owner {
  id?: unknown
  _id?: unknown
  /** The trust point that keeps this owner, if any. It judges every login. */
  trustPoint?: unknown
  /** Changing it ends all earlier logins, wherever their sessions are kept. */
  securityStamp?: string | undefined
}

/**
 * Where owners are kept (the original's README, "Owner model interface"). Each function answers by callback or returns a promise.
 * "Not found" is a callback without arguments, or a promise of nothing; an error is for what is exceptional.
 */
export interface OwnerModel<O extends Owner, C> {
  /**
   * Creates or updates the owner of a trust point's answer.
   *
   * @param from the endpoint that answered: ids of different points are not the same owners
   */
  createOrUpdate(ownerData: Record<string, unknown>, callback: Callback<O>, from?: string): unknown
  findByCredentials(credentials: C, callback: Callback<O>): unknown
  findById(id: unknown, callback: Callback<O>): unknown
  /**
   * The id of the owner whose name the credentials have, right or wrong. Only audit logs of failed logins show it.
   *
   * @param credentials checked: at least one field, every value a string
   */
  claimedId?(credentials: Record<string, string>): Promise<unknown>
  /**
   * Creates an owner for `POST /api/register`, which answers 404 without this function.
   *
   * @param registration as received, unchecked
   * @throws {Problem} with the status and code for the client, such as 400 or 409
   */
  register?(registration: unknown): Promise<O>
  /**
   * Changes an owner's password for `POST /api/password`, which answers 404 without this function.
   *
   * @param id the id of the owner who is logged in
   * @param change as received, unchecked
   * @returns the changed owner, whose new {@link Owner.securityStamp} ends the other sessions
   * @throws {Problem} with the status and code for the client, such as 400 or 403
   */
  changePassword?(id: unknown, change: unknown): Promise<O>
  /** Names of the credential fields, for pages. @default { nameKey: 'username', passwordKey: 'password' } */
  readonly kind?: { readonly nameKey: string; readonly passwordKey?: string }
}

/** The application that acts for the owner of a session (the `act` of RFC 8693). */
export interface Actor {
  /** Its id at the trust point that authenticated it. */
  id: unknown
}

/** How somebody came to be logged in, where there is something to say. */
export interface Login {
  /** Who acts for the owner. */
  actor?: Actor
  /** Until when a trust point's word holds. Milliseconds since 1970. */
  trustedUntil?: number
  /** The owner's security stamp at that time. The login is valid while the owner has the same one. */
  stamp?: string
  /** Whether he asked to be remembered. */
  remember?: boolean
}

/** One of the sessions of an owner, as he may see it. Times are ISO 8601, in UTC. */
export interface OwnSession {
  /** Names the session, and is of no use as a cookie. */
  id: string
  createdAt: string
  lastSeenAt: string
  expiresAt: string
  /** From where it was last seen. */
  address: string | null
  agent: string | null
  /** The application that acts in it. */
  actor?: Actor
  /** Whether it is the one that asks. */
  current: boolean
}

/** What the organelle keeps in a session storage: the documented key, and one more. */
export interface Stored {
  ownerId?: unknown
  login?: Login
}

/** Rejects `any`, the type of `req.body`: an untyped owner may be what a client sent. */
type Typed<T> = 0 extends 1 & T ? never : T

/** One storage's sessions, as `plasma[dna.name](storage)` returns them. */
export interface SessionApi<O extends Owner, C> {
  /**
   * Finds the owner of the credentials and logs him in: writes `owner.id` to `storage.ownerId`. An express-session
   * session gets a new id and is saved before the callback. With `credentials.ownerId` an application logs in for
   * that owner. `credentials.remember` asks for a longer session, where the session store has one; nobody else sees it.
   * The callback gets {@link InvalidCredentialsShape} for credentials that are not strings.
   */
  login(credentials: C & { ownerId?: unknown; remember?: unknown }, callback: Callback<O>): void
  /**
   * Logs in an owner found elsewhere, at once.
   *
   * @throws {TypeError} for anything the client sent, and for an object with a credential field such as `password`
   * @throws {Error} if the owner has no id
   */
  login<T extends O>(owner: T & Typed<T>): void
  /**
   * Logs in an owner found elsewhere, whatever its fields, without a password. Never pass it what a client sent.
   *
   * @returns a promise that resolves when the session has its new id and is saved
   */
  loginAs<T extends O>(owner: T & Typed<T>): Promise<void>
  /**
   * `login(credentials, callback)` by promise.
   *
   * @example
   * const owner = await plasma.sessions(req.session).authenticate(req.body)
   * if (!owner) throw new InvalidCredentials()
   */
  authenticate(credentials: C & { ownerId?: unknown; remember?: unknown }): Promise<O | undefined>
  /** The owner who is logged in. */
  owner(callback: Callback<O>): void
  owner(): Promise<O | undefined>
  /** The same under its other documented name. */
  user(callback: Callback<O>): void
  user(): Promise<O | undefined>
  /** The application that acts for the owner who is logged in, if one does. */
  actor(): Actor | undefined
  /** Logs out: ends an express-session session, or forgets the owner in a plain storage. */
  logout(callback: (error?: unknown) => void): void
  logout(): Promise<void>
  /** Whether a login may ask to be remembered here. */
  remembers(): boolean
  /**
   * The sessions of the owner who is logged in, the last seen first (OWASP ASVS 7.5.2). This and what follows fail with
   * {@link LoginRequired} where nobody is logged in, and with 501 where the session store does not know owners.
   */
  list(): Promise<OwnSession[]>
  /** Ends one of them: this one is logged out. @returns whether he had such a session */
  end(id: string): Promise<boolean>
  /** Ends all of them but this one. */
  endOthers(): Promise<void>
  /**
   * After a change of the owner's credentials: goes on under a new session id, and ends all other sessions of his
   * (OWASP ASVS 7.4.3).
   *
   * @param owner the same owner, with what has changed
   */
  renew(owner: O): Promise<void>
}

/** The function that the organelle puts on the plasma. */
export interface Sessions<O extends Owner, C, M extends OwnerModel<O, C> = OwnerModel<O, C>> {
  /** @param storage an express-session session, or any object */
  (storage: object | undefined): SessionApi<O, C>
  /** The model that DNA named, for what else the cell does with owners. */
  readonly ownerModel: M
  /**
   * Whether DNA names a trust point for users. If people can also register here, they may take names of its users.
   */
  readonly asksTrustPoint: boolean
}
