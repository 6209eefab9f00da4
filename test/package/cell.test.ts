import { expect } from 'chai'
import { Cell } from '../../package/cell'
import { ROOT } from '../support/project'
import { rejectionOf } from '../support/rejection'
import { temporaryFolder } from '../support/temporary-folder'

describe('a cell as organic-stem-cell has it', () => {
  const newCell = (changes: object = {}): Cell =>
    new Cell({ root: ROOT, mode: '_test', changes: { data: { folder: temporaryFolder() }, ...changes } })

  it('shows its plasma before it starts, starts once, and stops', async () => {
    const cell = newCell()
    const seen: string[] = []
    for (const type of ['Database', 'CellReady', 'killed']) cell.plasma.on(type, () => void seen.push(type))
    const [running, same] = await Promise.all([cell.start(), cell.start()])
    expect(running).to.equal(same)
    expect(running.plasma).to.equal(cell.plasma)
    expect((await fetch(`${running.address ?? ''}/api/me`)).status).to.equal(401)
    await cell.stop()
    await running.stopped
    expect(seen).to.deep.equal(['Database', 'CellReady', 'killed'])
  })

  it('stops as soon as it has started if it is told to before, and needs no stop if it does not run', async () => {
    await newCell().stop()
    const hasty = newCell()
    const starting = hasty.start()
    await hasty.stop()
    await (
      await starting
    ).stopped

    const failing = newCell({ plasma: { 'express-server': { host: 5 } } })
    expect((await rejectionOf(() => failing.start())).message).to.match(/host: /)
    await failing.stop()
  })
})
