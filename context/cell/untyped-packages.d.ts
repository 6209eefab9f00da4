/** Declarations of the untyped packages that a cell is made of. */

declare module 'organic' {
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
  function loadDNA(options: {
    dnaSourcePaths: string[]
    dnaMode?: string | undefined
    beforeResolve?: (dna: Record<string, unknown>) => void | Promise<void>
  }): Promise<Record<string, unknown>>
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
