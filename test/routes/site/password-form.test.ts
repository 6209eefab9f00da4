import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Client } from '../../support/client'
import { createDocumentedUsers } from '../../support/documented-users'
import { TrustPoint } from '../../support/trust-point'

const FORM = '<form method="post" action="/api/password">'

const textOf = async (client: Client): Promise<string> => (await client.get('/', { accept: 'text/html' })).text

describe('the form of the start page to change a password', () => {
  describe('of a cell that keeps passwords, and trusts points that do', () => {
    const remote = { username: 'grace', password: 'known there alone' }
    let users: TrustPoint
    let apps: TrustPoint
    let cell: TestCell

    before(async () => {
      users = await TrustPoint.answering(200, { id: 'remote-1', username: remote.username })
      apps = await TrustPoint.answering(200, { id: 'app-1' })
      const sessions = { remoteLoginEndpoint: users.endpoint, remoteAuthenticateEndpoint: apps.endpoint }
      cell = await startTestCell({
        plasma: { sessions, 'api-routes': { options: { registrationBesideTrustPoint: true } } },
      })
    })
    after(async () => {
      await cell.stop()
      await Promise.all([users.stop(), apps.stop()])
    })

    it('is there for who registered here, with the fields that the route takes, and it works', async () => {
      const client = cell.client()
      const { username, password } = await client.registerAndLogIn()
      const [, form = ''] = (await textOf(client)).split(FORM)
      const inputs = [
        ...form.matchAll(/<input name="(\w+)" type="password" autocomplete="([\w-]+)" maxlength="256" required>/g),
      ]
      const expected = [
        ['currentPassword', 'current-password'],
        ['newPassword', 'new-password'],
      ]
      expect(inputs.map(([, ...fields]) => fields)).to.deep.equal(expected)
      const fields = Object.fromEntries(
        expected.map(([name = ''], index) => [name, [password, 'staple horse battery'][index] ?? '']),
      )
      expect((await client.submit('/api/password', fields)).headers.get('location')).to.equal('/')
      expect(await textOf(client))
        .to.include(`<strong>${username}</strong>`)
        .and.include(FORM)
    })

    it('is there for him once, and says nothing of a password', async () => {
      const client = cell.client()
      const { password } = await client.registerAndLogIn()
      expect((await textOf(client)).split(FORM)).to.have.length(2)
      expect(await textOf(client))
        .not.to.include(password)
        .and.not.match(/argon2|<input[^>]*type="password"[^>]*value=/)
    })

    it('is not there for who is kept by a trust point', async () => {
      const client = cell.client()
      expect((await client.post('/api/login', remote)).status).to.equal(200)
      expect(await textOf(client))
        .to.include('<strong>grace</strong>')
        .and.include('/api/logout')
        .and.not.include('/api/password')
    })

    it('is not there for visitors, nor after a logout', async () => {
      const client = cell.client()
      await client.registerAndLogIn()
      await client.submit('/api/logout', {})
      for (const visitor of [cell.client(), client]) {
        expect(await textOf(visitor))
          .to.include('Nobody is logged in.')
          .and.not.include('/api/password')
      }
    })
  })

  it('is not there where the owner model changes no password', async () => {
    const cell = await startTestCell({ plasma: { sessions: { ownerModel: createDocumentedUsers } } })
    try {
      const client = cell.client()
      const { username } = await client.registerAndLogIn(newCredentials())
      expect(await textOf(client))
        .to.include(`<strong>${username}</strong>`)
        .and.not.include('/api/password')
    } finally {
      await cell.stop()
    }
  })
})
