import { expect } from 'chai'
import { join } from 'node:path'
import { openSqlite } from '../../../../context/sql/sqlite/open'
import { ownerRow } from '../../../support/owner-row'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder } from '../../../support/temporary-folder'

describe('the connections to a SQLite file', () => {
  it('read nothing any more once a write could not be brought to the disk', async () => {
    let isBroken = false
    const syncLog = (): Promise<void> => (isBroken ? Promise.reject(new Error('EIO')) : Promise.resolve())
    const { db, prepare, close } = await openSqlite(join(temporaryFolder(), 'cell.db'), [], syncLog)
    const add = (id: string): Promise<unknown> => db.insertInto('owners').values(ownerRow(id)).execute()
    const find = prepare('select id from owners where id = ?')
    await add('ada')
    expect(find(['ada'])).to.deep.equal({ id: 'ada' })
    isBroken = true
    const error = await rejectionOf(() => add('bob'))
    expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    for (const id of ['ada', 'bob'])
      expect(() => find([id]), id)
        .to.throw()
        .with.property('status', 503)
    await close()
  })
})
