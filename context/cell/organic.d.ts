/** Declarations of the untyped packages that a cell is made of. */

declare namespace Organic {
  /** What travels through the plasma. */
  interface Chemical {
    type: string
    [property: string]: any
  }

  /** One organelle's configuration, as written in `dna/plasma/<organelle>.json`. */
  interface Dna {
    [key: string]: unknown
  }

  /**
   * The event bus of a cell. Organelles that put a function on it add it here by merging:
   * `declare global { namespace Organic { interface Plasma { sessions: … } } }`.
   */
  interface Plasma {
    emit(chemical: string | Chemical, callback?: (errors: unknown, results?: unknown[]) => void): Promise<unknown[]>
    /** Emits, and keeps the chemical for reactions that are registered later. */
    store(chemical: string | Chemical): Promise<unknown[]>
    on(pattern: string | string[] | object, reaction: (...chemicals: any[]) => unknown): void
    once(pattern: string | object, reaction: (...chemicals: any[]) => unknown): void
    off(pattern: string | object, reaction: (...chemicals: any[]) => unknown): void
    has(pattern: object): boolean
    get(pattern: object): Chemical | undefined
    /** Hands every chemical to `target` before any reaction sees it. */
    pipe(target: (chemical: Chemical) => void): void
    unpipe(target: (chemical: Chemical) => void): void
  }

  /** Called once with the plasma and its own DNA. */
  type Organelle = (plasma: Plasma, dna: Dna) => unknown
}

declare module 'organic' {
  export class Chemical implements Organic.Chemical {
    constructor(data?: object)
    type: string;
    [property: string]: any
  }
  export class DNA {
    constructor(data?: object)
    [branch: string]: unknown
  }
  export class Nucleus {
    constructor(plasma: Organic.Plasma, dna: object)
    build(chemical: object, callback: (error?: unknown, organelle?: unknown) => void): void
  }
}

declare module 'organic-plasma' {
  const Plasma: new () => Organic.Plasma
  export = Plasma
}

declare module 'organic-dna-loader' {
  import type { DNA } from 'organic'
  function loadDNA(options: {
    dnaSourcePaths: string[]
    dnaMode?: string | undefined
    beforeResolve?: (dna: DNA) => void | Promise<void>
  }): Promise<DNA>
  export = loadDNA
}

declare module 'organic-dna-fold' {
  function fold(dna: object, branch: object): void
  export = fold
}

declare module 'organic-express-server' {
  const organelle: Organic.Organelle
  export = organelle
}

declare module 'organic-express-routes' {
  const organelle: Organic.Organelle
  export = organelle
}

declare module 'organic-plasma-2' {
  const Plasma: new () => Organic.Plasma
  export = Plasma
}
