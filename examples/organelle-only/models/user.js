'use strict'

/** Users in memory, by id. */
const users = new Map([['1', { id: '1', username: 'ada', password: 'correct horse battery' }]])

exports.findById = async (id) => users.get(id)

exports.findByCredentials = async ({ username, password }) =>
  [...users.values()].find((user) => user.username === username && user.password === password)

exports.createOrUpdate = async (user) => {
  users.set(user.id, user)
  return user
}
