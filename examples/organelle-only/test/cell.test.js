'use strict'
const assert = require('node:assert/strict')
const { test } = require('node:test')
const buildCell = require('../cell')

for (const name of ['organic-plasma', 'organic-plasma-2']) {
  test(`logs in and out, and says who is logged in, on ${name}`, async () => {
    const Plasma = require(name)
    const plasma = await buildCell(new Plasma())
    const logins = []
    plasma.on('SessionLogin', ({ ownerId }) => {
      logins.push(ownerId)
    })
    // Any object, or the session of express-session.
    const storage = {}
    const sessions = plasma.sessions(storage)
    assert.equal(await sessions.authenticate({ username: 'ada', password: 'wrong' }), undefined)
    await sessions.authenticate({ username: 'ada', password: 'correct horse battery' })
    assert.equal(storage.ownerId, '1')
    assert.equal((await sessions.user()).username, 'ada')
    assert.deepEqual(logins, ['1'])
    await sessions.logout()
    assert.equal(await sessions.user(), undefined)
  })
}

test('a cell would need packages that are not installed here, and says so', () => {
  assert.throws(
    () => require('organic-sessions-cell/cell'),
    /the package \S+ is not installed: npm leaves it out with --omit=optional/,
  )
})
