'use strict'
const { join } = require('node:path')
const Nucleus = require('organic-nucleus')

const DNA = {
  plasma: {
    sessions: {
      source: 'organic-sessions-cell/sessions',
      name: 'sessions',
      ownerModelPath: join(__dirname, 'models/user.js'),
    },
  },
}

/** Builds a cell with the sessions organelle on a plasma of any version. */
module.exports = function buildCell(plasma) {
  return new Promise((resolve, reject) => {
    new Nucleus(plasma, DNA, __dirname).build({ branch: 'plasma' }, (error) =>
      error ? reject(error) : resolve(plasma),
    )
  })
}
