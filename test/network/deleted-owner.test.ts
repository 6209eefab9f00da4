import { expect } from 'chai'
import type { TestCell } from '../support/cell'
import { TrustPoint } from '../support/trust-point'
import { startTrustingCell } from '../support/trusting-cell'

describe('an owner whom his trust point has deleted', () => {
  const owner = { id: 'ada-1', username: 'ada' }
  const own = { username: 'ada', password: 'correct horse battery' }
  const application = { appname: 'bot', password: 'correct horse battery', ownerId: owner.id }
  let isDeleted = false
  let users: TrustPoint
  let apps: TrustPoint
  let cell: TestCell

  before(async () => {
    users = await TrustPoint.start((_req, res) => {
      res
        .writeHead(isDeleted ? 401 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(isDeleted ? {} : owner))
    })
    apps = await TrustPoint.answering(200, { id: 'bot-1' })
    cell = await startTrustingCell({ remoteLoginEndpoint: users.endpoint, remoteAuthenticateEndpoint: apps.endpoint })
  })
  after(async () => {
    await cell.stop()
    await Promise.all([users.stop(), apps.stop()])
  })

  it('cannot be acted for by an application either, though this cell has met him', async () => {
    expect((await cell.client().post('/api/login', own)).status).to.equal(200)
    expect((await cell.client().post('/api/login', application)).status).to.equal(200)
    isDeleted = true
    expect((await cell.client().post('/api/login', own)).status).to.equal(401)
    expect((await cell.client().post('/api/login', application)).status).to.equal(401)
  })

  it('does not stand in the way of an application that acts for who registered here', async () => {
    const { id } = (await cell.client().post('/api/register', { ...own, username: 'local' })).body as { id: string }
    const asked = users.requests.length
    expect((await cell.client().post('/api/login', { ...application, ownerId: id })).status).to.equal(200)
    expect(users.requests).to.have.length(asked)
  })
})
