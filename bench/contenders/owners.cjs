'use strict'

const { createHash } = require('node:crypto')

/** Whoever may log in at a contender: as many as send requests. Passwords are plain, because logins are not compared. */
exports.owners = Array.from({ length: Number(process.env.BENCH_OWNERS) }, (_, index) => {
  const hex = createHash('sha256').update(`owner:${index}`).digest('hex')
  const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
  return { id, username: `owner-${index}` }
})

const byName = new Map(exports.owners.map((owner) => [owner.username, owner]))
const byId = new Map(exports.owners.map((owner) => [owner.id, owner]))

exports.findById = (id) => byId.get(id)
exports.findByCredentials = ({ username, password }) =>
  password === process.env.BENCH_PASSWORD ? byName.get(username) : undefined

/** Signs cookies. */
exports.SECRET = 'secret of nobody but the benchmarks'
