/**
 * Stops the clocks for the tests of this block: `Date.now`, and `performance.now` with it. They never go back within it.
 *
 * @returns lets time pass, in milliseconds
 */
export function stoppedClock(): { pass(milliseconds: number): void } {
  const { now } = Date
  let time = 0
  before(() => {
    time = now()
    Date.now = () => time
    Object.defineProperty(performance, 'now', { configurable: true, value: () => time - performance.timeOrigin })
  })
  after(() => {
    Date.now = now
    Reflect.deleteProperty(performance, 'now')
  })
  return {
    pass(milliseconds) {
      time += Math.max(milliseconds, 0)
    },
  }
}
