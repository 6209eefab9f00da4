'use strict'

// Runs on the threads of PasswordHasher. JavaScript, because threads do not inherit what runs the cell's TypeScript.
const { hashSync, verifySync } = require('@node-rs/argon2')
const { getPriority, setPriority } = require('node:os')

// Requests have the CPU first, also in a storm of logins. Only Linux has priorities by thread.
if (process.platform === 'linux') {
  try {
    setPriority(Math.min(getPriority() + 10, 19))
  } catch {
    // A sandbox may forbid it.
  }
}

/** @type {(task: import('./passwords').HashTask) => string | boolean} */
module.exports = function ({ password, passwordHash, parameters }) {
  return passwordHash === undefined ? hashSync(password, parameters) : verifySync(passwordHash, password)
}
