import { expect } from 'chai'
import { database } from '../../context/sql'
import { pause } from '../support/seeded-random'
import { SESSION_ENDS } from '../support/session-ends'
import { SharedCells } from '../support/shared-cells'
import { describeNoResurrection } from './resurrection.contract'

describeNoResurrection('in one of two processes on one database, while it ends in the other one', 2, 6)

describe('a session that ends while another process is writing to the database', () => {
  const cells = new SharedCells()

  before(() => cells.start(1))
  after(() => cells.stop())

  for (const { by, rule, run } of SESSION_ENDS.filter(({ isOperators }) => !isOperators)) {
    it(`is over once that is done, when it is ended by ${by} (OWASP ASVS ${rule})`, async () => {
      const owner = await cells.newOwner()
      const scene = { cells, owner, old: await cells.enter(owner), other: await cells.enter(owner) }
      // What entering still writes.
      await pause(50)
      let ending: ReturnType<typeof run> | undefined
      await database()
        .transaction()
        .execute(async () => {
          ending = run(scene)
          await pause(400)
        })
      const { status, alive, dead, nobody = [] } = (await ending) ?? expect.fail('nothing has ended it')
      expect(status).to.be.oneOf([200, 204])
      for (const client of alive) expect((await client.get('/api/me')).status).to.equal(200)
      for (const client of [...dead, ...nobody]) expect((await client.get('/api/me')).status).to.equal(401)
    })
  }
})
