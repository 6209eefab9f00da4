/** How a trust point is, as far as the cell knows without asking it. */
export interface TrustPointStatus {
  /** `users` or `applications`. */
  readonly name: string
  /** `open`: it is not being asked. `half-open`: the next login tries whether it is back. */
  readonly state: 'closed' | 'open' | 'half-open'
  /** How long it took the last time it was asked, in milliseconds. Nothing if it never was. */
  readonly ms: number | undefined
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** The trust points of a sessions organelle, if DNA has any. Each is up to date whenever it is read. Stored. */
      TrustPoints: { data: readonly TrustPointStatus[] }
      /** A trust point was asked. `answered` is false if it was not reached, or gave no valid answer in time. */
      TrustPointAsked: { time: number; name: string; ms: number; answered: boolean }
    }
  }
}
