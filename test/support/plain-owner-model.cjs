'use strict'

/** An owner model in plain JavaScript, in memory, that answers by callback alone. */
class PlainOwner {
  constructor(fields) {
    Object.assign(this, fields)
  }

  static createOrUpdate(ownerData, callback) {
    const known = PlainOwner.owners.find((owner) => owner.id === ownerData.id)
    const owner = Object.assign(known || new PlainOwner({}), ownerData)
    if (!known) PlainOwner.owners.push(owner)
    process.nextTick(callback, null, owner)
  }

  static findByCredentials(credentials, callback) {
    PlainOwner.#find(
      (owner) => owner.username === credentials.username && owner.password === credentials.password,
      callback,
    )
  }

  static findById(id, callback) {
    PlainOwner.#find((owner) => owner.id === id, callback)
  }

  static #find(matches, callback) {
    const owner = PlainOwner.owners.find(matches)
    if (owner) process.nextTick(callback, null, owner)
    else process.nextTick(callback)
  }
}

PlainOwner.owners = []

module.exports = PlainOwner
