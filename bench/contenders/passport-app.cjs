'use strict'

const express = require('express')
const session = require('express-session')
const passport = require('passport')
const { Strategy } = require('passport-local')
const { listen } = require('./listening.cjs')
const { findByCredentials, SECRET } = require('./owners.cjs')

/**
 * Serves an app as the documentation of passport and passport-local has it.
 *
 * @param findById `(id, callback(error, owner))`
 * @param store of express-session; its MemoryStore without one
 */
exports.servePassport = function (findById, store) {
  passport.use(
    new Strategy((username, password, done) => done(null, findByCredentials({ username, password }) ?? false)),
  )
  passport.serializeUser((user, done) => done(null, user.id))
  passport.deserializeUser((id, done) => findById(id, (error, owner) => done(error, owner ?? false)))

  const app = express()
  app.use(express.json())
  app.use(session({ secret: SECRET, resave: false, saveUninitialized: false, store }))
  app.use(passport.session())
  app.post('/api/login', passport.authenticate('local'), (req, res) => {
    res.json(req.user)
  })
  app.get('/api/me', (req, res) => {
    if (req.isAuthenticated()) res.json(req.user)
    else res.status(401).json({ error: 'log in first' })
  })
  listen(app)
}
