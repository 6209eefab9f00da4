import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { LogSync } from '../../../../context/sql/sqlite/log-sync'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder } from '../../../support/temporary-folder'

describe('the sync of a log', () => {
  let file: string
  let log: LogSync
  /** Ends the syncs that have begun, in their order. */
  let ends: ((error?: Error) => void)[]

  beforeEach(() => {
    file = join(temporaryFolder(), 'cell.db-wal')
    writeFileSync(file, '')
    ends = []
    const sync = (): Promise<void> =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()))
      })
    log = new LogSync(file, sync)
  })
  afterEach(() => log.close())

  /** Asks for a sync. @returns whether it has been answered */
  function ask(): () => boolean {
    let isAnswered = false
    void log.next().then(() => (isAnswered = true))
    return () => isAnswered
  }

  it('syncs a file', async () => {
    const real = new LogSync(file)
    await Promise.all([real.next(), real.next()])
    real.close()
  })

  it('begins at once, and is shared by all who ask meanwhile only after its end', async () => {
    const first = ask()
    await turn()
    const later = [ask(), ask(), ask()]
    await turn()
    expect(ends).to.have.length(1)
    ends[0]?.()
    await turn()
    expect([first, ...later].map((isAnswered) => isAnswered())).to.deep.equal([true, false, false, false])
    expect(ends).to.have.length(2)
    ends[1]?.()
    await turn()
    expect(later.map((isAnswered) => isAnswered())).to.deep.equal([true, true, true])
    const last = ask()
    await turn()
    expect([ends.length, last()]).to.deep.equal([3, false])
  })

  it('fails for those who ask later once it has failed: what it missed may be forgotten', async () => {
    const asked = [rejectionOf(() => log.next())]
    await turn()
    asked.push(rejectionOf(() => log.next()))
    ends[0]?.(new Error('EIO'))
    asked.push(rejectionOf(() => log.next()))
    for (const error of await Promise.all(asked)) expect(error.message).to.equal('EIO')
    expect((await rejectionOf(() => log.next())).message).to.equal('EIO')
    expect(ends).to.have.length(1)
  })
})
