import { expect } from 'chai'
import { join } from 'node:path'
import { closeDatabase, openDatabase } from '../../../context/sql'
import User from '../../../context/models/user'
import { newCredentials } from '../../support/client'
import { ownersHere } from '../../support/owners-command'
import { countRowsOf } from '../../support/row-counts'
import { addSession } from '../../support/session-rows'
import { temporaryFolder } from '../../support/temporary-folder'

describe('npm run owners end-all-sessions, on a terminal', () => {
  const data = temporaryFolder()
  const typed = ownersHere({ CELL_MODE: '_test', CELL_DATA: data }, true)

  before(async () => {
    await openDatabase(join(data, 'cell.db'))
    const { id } = await User.register(newCredentials())
    for (let count = 0; count < 3; count += 1) await addSession(id)
    await closeDatabase()
  })

  for (const answer of ['\n', 'y\n', 'no\n', 'yes please\n', '']) {
    it(`ends no session when the answer is ${JSON.stringify(answer)}`, async () => {
      const { code, stderr } = await typed(['end-all-sessions'], answer)
      expect(stderr).to.match(
        /^This ends all 3 sessions of all owners\.\nEnd them\? Type yes: \n?owners: no session was ended\n$/,
      )
      expect(code).to.equal(1)
      expect((await countRowsOf(data)).sessions).to.equal(3)
    })
  }

  it('ends them all when the answer is yes', async () => {
    expect(await typed(['end-all-sessions'], 'yes\n')).to.include({ code: 0, stdout: '' })
    expect((await countRowsOf(data)).sessions).to.equal(0)
  })
})
