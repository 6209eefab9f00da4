import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { WriteAheadLog } from '../../../../context/sql/sqlite/write-ahead-log'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder } from '../../../support/temporary-folder'

describe('the sync of a write-ahead log', () => {
  let file: string
  let log: WriteAheadLog
  /** Ends the syncs that have begun, in their order. */
  let ends: ((error?: Error) => void)[]

  beforeEach(() => {
    file = join(temporaryFolder(), 'cell.db-wal')
    writeFileSync(file, '')
    ends = []
    const syncFile = (): Promise<void> =>
      new Promise((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve()))
      })
    log = new WriteAheadLog(file, syncFile)
  })
  afterEach(() => log.close())

  /** Begins a sync, or waits for the next one. @returns whether it has ended */
  function startSync(): () => boolean {
    let isSynced = false
    void log.sync().then(() => (isSynced = true))
    return () => isSynced
  }

  it('syncs a file', async () => {
    const real = new WriteAheadLog(file)
    await Promise.all([real.sync(), real.sync()])
    real.close()
  })

  it('begins at once; calls made meanwhile share the next one', async () => {
    const first = startSync()
    await turn()
    const later = [startSync(), startSync(), startSync()]
    await turn()
    expect(ends).to.have.length(1)
    ends[0]?.()
    await turn()
    expect([first, ...later].map((isSynced) => isSynced())).to.deep.equal([true, false, false, false])
    expect(ends).to.have.length(2)
    ends[1]?.()
    await turn()
    expect(later.map((isSynced) => isSynced())).to.deep.equal([true, true, true])
    const last = startSync()
    await turn()
    expect([ends.length, last()]).to.deep.equal([3, false])
  })

  it('fails every later call once it has failed: the system may have dropped what it missed', async () => {
    const syncs = [rejectionOf(() => log.sync())]
    await turn()
    syncs.push(rejectionOf(() => log.sync()))
    ends[0]?.(new Error('EIO'))
    syncs.push(rejectionOf(() => log.sync()))
    for (const error of await Promise.all(syncs)) expect(error.message).to.equal('EIO')
    expect((await rejectionOf(() => log.sync())).message).to.equal('EIO')
    expect(ends).to.have.length(1)
  })
})
