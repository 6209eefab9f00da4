'use strict'

const { findById } = require('./owners.cjs')
const { servePassport } = require('./passport-app.cjs')

servePassport((id, callback) => callback(null, findById(id)))
