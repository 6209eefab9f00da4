'use strict'

// Runs on the threads of PasswordHasher. JavaScript, because threads do not inherit the hook that compiles TypeScript.
const { hashSync, verifySync } = require('@node-rs/argon2')
const { getPriority, setPriority } = require('node:os')

// Requests get the CPU first, even in a storm of logins. Only Linux has a priority per thread.
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
