/** The types of the plasma, its chemicals and organelles. */

declare namespace Organic {
  /**
   * The payloads of chemicals, by type. Whoever emits a chemical adds it here by declaration merging:
   * `declare global { namespace Organic { interface Chemicals { SessionLogin: { ownerId: unknown } } } }`.
   */
  interface Chemicals {
    /** Asks the cell to end. */
    kill: object
    /** Every reaction to `kill` has ended: what they needed can close. */
    killed: object
    /** The cell will end after `drainSeconds`, and still serves. Stored. */
    CellDraining: object
    /** The cell is ending. Stored. */
    CellEnding: object
    /** Every organelle is built. Stored. */
    CellBuilt: object
    /** Every organelle is ready: the end of requests can be mounted. Stored. */
    CellAssembled: object
    /** The cell answers requests. Stored. */
    CellReady: object
    /** An organelle has failed while the cell was booting. `dna` is the organelle's. */
    CellFailed: { dna?: Dna | undefined; error: unknown }
    /** Absolute path of the folder that paths in DNA are relative to. Stored. */
    CellRoot: { data: string }
    /** The cell's clock. Stored. */
    Clock: { data: import('./clock').Clock }
    /** organic-express-server listens. Stored. */
    ExpressServer: { data: import('express').Express; server: import('node:http').Server }
  }

  /** What travels through the plasma. A type that {@link Chemicals} does not list may have any properties. */
  type Chemical<T extends string = string> = T extends keyof Chemicals
    ? { type: T } & Chemicals[T]
    : { type: T; [property: string]: unknown }

  /** One organelle's configuration, as written in `dna/plasma/<organelle>.json`. */
  interface Dna {
    [key: string]: unknown
  }

  /**
   * The event bus of a cell. Organelles that put a function on it add it here by merging:
   * `declare global { namespace Organic { interface Plasma { sessions: … } } }`.
   */
  interface Plasma {
    /** Settles when all reactions have. Rejects with a sparse array of what they threw. */
    emit<T extends string>(
      chemical: T | Chemical<T>,
      callback?: (errors: unknown, results?: unknown[]) => void,
    ): Promise<unknown[]>
    /** Emits, and keeps the chemical for reactions that are registered later. */
    store<T extends string>(chemical: T | Chemical<T>): Promise<unknown[]>
    on<T extends string>(type: T, reaction: Reaction<T>): void
    /** Reacts once chemicals of all these types have been emitted or were stored. */
    on<const T extends readonly string[]>(types: T, reaction: (...chemicals: ChemicalsOf<T>) => unknown): void
    on(pattern: object, reaction: (...chemicals: Chemical[]) => unknown): void
    once<T extends string>(type: T, reaction: Reaction<T>): void
    once(pattern: object, reaction: (...chemicals: Chemical[]) => unknown): void
    off<T extends string>(type: T, reaction: Reaction<T>): void
    off(pattern: object, reaction: (...chemicals: Chemical[]) => unknown): void
    has(pattern: object): boolean
    /** A stored chemical. */
    get<T extends string>(pattern: { type: T }): Chemical<T> | undefined
    /** Hands every chemical to `target` before any reaction sees it. */
    pipe(target: (chemical: Chemical) => void): void
    unpipe(target: (chemical: Chemical) => void): void
  }

  /** organic-plasma passes `next` to a reaction with two parameters, and waits until it is called. */
  type Reaction<T extends string> = (chemical: Chemical<T>, next: (error?: unknown, data?: unknown) => void) => unknown

  type ChemicalsOf<T extends readonly string[]> = { -readonly [K in keyof T]: Chemical<T[K]> }

  /** Built once, with the plasma and its own DNA. */
  interface Organelle {
    (plasma: Plasma, dna: Dna): unknown
    /** The schema of its DNA, checked before any organelle is built. */
    dnaSchema?: import('zod').ZodType
  }
}
