import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'
import { createDocumentedUsers } from '../../support/documented-users'
import { TrustPoint } from '../../support/trust-point'

const NEW = 'staple horse battery'

describe('POST /api/password, where there is none to change', () => {
  const change = (client: Client, currentPassword: string): Promise<Answer> =>
    client.post('/api/password', { currentPassword, newPassword: NEW })

  function expectProblem({ status, headers, body }: Answer, expected: { status: number; code: string }): void {
    expect(body).to.include(expected)
    expect(status).to.equal(expected.status)
    expect(headers.getSetCookie()).to.deep.equal([])
  }

  describe('because a trust point keeps it', () => {
    const owner = { username: newCredentials().username, password: 'known there alone' }
    let point: TrustPoint
    let cell: TestCell

    before(async () => {
      point = await TrustPoint.answering(200, { id: 'remote-1', username: owner.username })
      const options = { registrationBesideTrustPoint: true }
      cell = await startTestCell({
        plasma: { sessions: { remoteLoginEndpoint: point.endpoint }, 'api-routes': { options } },
      })
    })
    after(async () => {
      await cell.stop()
      await point.stop()
    })

    for (const current of [owner.password, 'not the password', '', NEW]) {
      it(`is a 409 for who gives "${current}", his sessions go on, and nobody is asked`, async () => {
        const [client, other] = [cell.client(), cell.client()]
        expect((await client.post('/api/login', owner)).status).to.equal(200)
        expect((await other.post('/api/login', owner)).status).to.equal(200)
        const asked = point.requests.length
        expectProblem(await change(client, current), { status: 409, code: 'PASSWORD_KEPT_ELSEWHERE' })
        expect([(await client.get('/api/me')).status, (await other.get('/api/me')).status]).to.deep.equal([200, 200])
        expect(point.requests).to.have.length(asked)
      })
    }

    it('goes on for who registered here', async () => {
      const client = cell.client()
      const { password } = await client.registerAndLogIn()
      expect((await change(client, password)).status).to.equal(204)
    })
  })

  describe('because the owner model changes none', () => {
    let cell: TestCell

    before(async () => {
      cell = await startTestCell({ plasma: { sessions: { ownerModel: createDocumentedUsers } } })
    })
    after(() => cell.stop())

    it('is a 404, and everybody stays in, with the password that he has', async () => {
      const [client, other] = [cell.client(), cell.client()]
      const owner = await client.registerAndLogIn()
      await other.post('/api/login', owner)
      expectProblem(await change(client, owner.password), { status: 404, code: 'NOT_FOUND' })
      expect([(await client.get('/api/me')).status, (await other.get('/api/me')).status]).to.deep.equal([200, 200])
      expect((await cell.client().post('/api/login', owner)).status).to.equal(200)
      expect((await cell.client().post('/api/login', { ...owner, password: NEW })).status).to.equal(401)
    })

    it('is a 401 for who is not logged in', async () => {
      expectProblem(await change(cell.client(), 'not the password'), { status: 401, code: 'OWNER_NOT_FOUND' })
    })
  })
})
