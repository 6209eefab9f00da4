import { messageOf, type SessionStore } from '../cell'

/** The part of a session store that commands use. */
type Sessions = Pick<SessionStore, 'endOwnerSessions' | 'endAll' | 'count'>

/**
 * The session store of a command, opened when it is first used. If it fails, the command goes on: what it has changed in the
 * database ends the sessions as well, since every cell compares them with their owner.
 */
export class CommandSessions implements Sessions {
  readonly #open: () => Promise<Sessions>
  #opened: Promise<Sessions> | undefined
  #failure: unknown

  /** @param open opens the store */
  constructor(open: () => Promise<Sessions>) {
    this.#open = open
  }

  async endOwnerSessions(ownerId: string): Promise<string[]> {
    return (await this.#try((store) => store.endOwnerSessions(ownerId))) ?? []
  }

  async endAll(): Promise<void> {
    await this.#try((store) => store.endAll())
  }

  /** @throws if the store fails */
  async count(): Promise<number> {
    return (await this.#store()).count()
  }

  /** @throws {Error} if sessions could not be deleted, saying what was changed */
  checkDeleted(): void {
    if (this.#failure === undefined) return
    throw new Error(
      'the database was changed, so no cell accepts the earlier sessions. They stay in the session store until they expire, ' +
        `because it failed: ${messageOf(this.#failure)}`,
      { cause: this.#failure },
    )
  }

  #store(): Promise<Sessions> {
    return (this.#opened ??= this.#open())
  }

  async #try<T>(work: (store: Sessions) => Promise<T>): Promise<T | undefined> {
    try {
      return await work(await this.#store())
    } catch (error) {
      // The message of a store's error is for clients, its cause for operators.
      this.#failure = (error as Error).cause ?? error
      return undefined
    }
  }
}
