import { expect } from 'chai'
import type { Cell } from '../../cell'
import { startTestCell } from '../support/cell'
import { newCredentials, type Client } from '../support/client'

describe('a cell, over HTTP', () => {
  let cell: Cell & { client(): Client }

  before(async () => {
    cell = await startTestCell()
  })
  after(() => cell.stop())

  it('answers what the README shows', async () => {
    const client = cell.client()
    const credentials = newCredentials()
    expect((await client.post('/api/register', credentials)).status).to.equal(201)
    expect((await client.post('/api/login', credentials)).status).to.equal(200)
  })
})
