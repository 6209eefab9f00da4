'use strict'
const assert = require('node:assert/strict')
const { join } = require('node:path')
const { after, before, test } = require('node:test')
const { startTestCell } = require('organic-sessions-cell/testing')

let cell
before(async () => {
  cell = await startTestCell({ root: join(__dirname, '..') })
})
after(() => cell.stop())

test('greets who is logged in, and nobody else', async () => {
  const client = cell.client()
  assert.equal((await client.get('/api/greeting')).status, 401)
  const { username } = await client.registerAndLogIn()
  assert.deepEqual((await client.get('/api/greeting')).body, { hello: username })
})

test('shows the page to everybody', async () => {
  const { status, text } = await cell.client().get('/about')
  assert.equal(status, 200)
  assert.match(text, /A cell of my own/)
})
