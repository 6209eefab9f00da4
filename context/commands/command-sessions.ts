import { messageOf, type SessionStore } from '../cell'

/** The part of a session store that commands use. */
type Sessions = Pick<SessionStore, 'endOwnerSessions' | 'endAll' | 'count'>

/**
 * The session store of a command, opened when it is first used. Sessions are deleted at the end of the command, after its
 * audit line and its output, because a store that is away takes long. What the command has changed in the database ends them
 * already: every cell compares sessions with their owner.
 */
export class CommandSessions implements Sessions {
  readonly #open: () => Promise<Sessions>
  #opened: Promise<Sessions> | undefined
  readonly #deletions: ((store: Sessions) => Promise<unknown>)[] = []

  /** @param open opens the store */
  constructor(open: () => Promise<Sessions>) {
    this.#open = open
  }

  endOwnerSessions(ownerId: string): Promise<string[]> {
    this.#deletions.push((store) => store.endOwnerSessions(ownerId))
    return Promise.resolve([])
  }

  endAll(): Promise<void> {
    this.#deletions.push((store) => store.endAll())
    return Promise.resolve()
  }

  /** @throws if the store fails */
  async count(): Promise<number> {
    return (await this.#store()).count()
  }

  /** Deletes the sessions that the command has ended. @throws {Error} if they could not be deleted, saying what was changed */
  async deleteEnded(): Promise<void> {
    try {
      for (const deletion of this.#deletions.splice(0)) await deletion(await this.#store())
    } catch (error) {
      // The message of a store's error is for clients, its cause for operators.
      const reason = messageOf((error as Error).cause ?? error)
      throw new Error(
        'the database was changed, so no cell accepts the earlier sessions. They stay in the session store until they expire, ' +
          `because it failed: ${reason}`,
        { cause: error },
      )
    }
  }

  #store(): Promise<Sessions> {
    return (this.#opened ??= this.#open())
  }
}
