import { warnOfReactions } from './failure-log'

const ENDING = { type: 'CellEnding' }

/**
 * Ends the cell at the first `kill`. It stores `CellEnding`, and when all reactions to `kill` are done, it emits `killed`, which
 * closes what they needed until then.
 *
 * @returns settles when all reactions to `killed` are done
 */
export function endOnKill(plasma: Organic.Plasma): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const onKill = ({ type }: Organic.Chemical): void => {
      if (type !== 'kill') return
      plasma.unpipe(onKill)
      void plasma.store(ENDING)
      // Registered this late, it is the last reaction to `kill`. Whoever emits that does not wait for `killed`.
      plasma.once('kill', () => void plasma.emit('killed').then(() => resolve(), reject))
    }
    plasma.pipe(onKill)
  })
  // If nobody awaits it, a failure must not crash the process.
  ended.catch(() => undefined)
  return ended
}

/**
 * Stores `CellDraining` and serves on, so that balancers stop sending requests.
 *
 * @returns settles after so many seconds, or sooner if the cell ends for another reason
 */
export function drain(plasma: Organic.Plasma, seconds: number): Promise<void> {
  // Whoever fails to react must not keep the cell from draining.
  plasma.store({ type: 'CellDraining' }).catch((thrown: unknown) => warnOfReactions('CellDraining', thrown))
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    plasma.once('CellEnding', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Whether the cell has begun to end. */
export function isEnding(plasma: Organic.Plasma): boolean {
  return plasma.has(ENDING)
}
