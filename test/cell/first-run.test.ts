import { expect } from 'chai'
import { startTestCell, type TestCell } from '../support/cell'
import { countRows } from '../support/row-counts'

describe('a cell on its first run', () => {
  let cell: TestCell

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  it('has no account (OWASP ASVS 6.3.2)', async () => {
    expect(await countRows()).to.deep.equal({ users: 0, sessions: 0 })
    for (const username of ['admin', 'root', 'user', 'test', 'guest', 'operator']) {
      for (const password of ['', username, 'password', 'changeme', 'admin']) {
        const { status } = await cell.client().post('/api/login', { username, password })
        expect(status).to.equal(401)
      }
    }
    expect(await countRows()).to.deep.equal({ users: 0, sessions: 0 })
  })
})
