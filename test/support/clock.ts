/**
 * Stops `Date.now` for the tests of this block. It never goes back within the block.
 *
 * @returns lets time pass, in milliseconds
 */
export function stoppedClock(): { pass(milliseconds: number): void } {
  const { now } = Date
  let time = 0
  before(() => {
    time = now()
    Date.now = () => time
  })
  after(() => {
    Date.now = now
  })
  return {
    pass(milliseconds) {
      time += Math.max(milliseconds, 0)
    },
  }
}
