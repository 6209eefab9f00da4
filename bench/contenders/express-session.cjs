'use strict'

// Follows the README of express-session, with its MemoryStore.
const express = require('express')
const session = require('express-session')
const { listen } = require('./listening.cjs')
const { findByCredentials, findById, SECRET } = require('./owners.cjs')

const app = express()
app.use(express.json())
app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }))
app.post('/api/login', (req, res, next) => {
  const owner = findByCredentials(req.body)
  if (!owner) return res.status(401).json({ error: 'wrong credentials' })
  req.session.regenerate((error) => {
    if (error) return next(error)
    req.session.ownerId = owner.id
    req.session.save((error) => (error ? next(error) : res.json(owner)))
  })
})
app.get('/api/me', (req, res) => {
  const owner = findById(req.session.ownerId)
  if (owner) res.json(owner)
  else res.status(401).json({ error: 'log in first' })
})
listen(app)
