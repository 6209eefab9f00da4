'use strict'

// The organelle that this cell grew from, as its README has it, on express-session's MemoryStore.
const express = require('express')
const session = require('express-session')
const usersessions = require('organic-plasma-usersessions')
const { listen } = require('./listening.cjs')
const { findByCredentials, findById, SECRET } = require('./owners.cjs')

const plasma = {}
const ownerModel = {
  findByCredentials: (credentials, callback) => callback(null, findByCredentials(credentials)),
  findById: (id, callback) => callback(null, findById(id)),
  createOrUpdate: (_data, callback) => callback(new Error('there is no trust point')),
}
usersessions(plasma, { name: 'sessions', ownerModel })

const app = express()
app.use(express.json())
app.use(session({ secret: SECRET, resave: false, saveUninitialized: false }))
app.post('/api/login', (req, res, next) => {
  plasma.sessions(req.session).login(req.body, (error, owner) => {
    if (error) return next(error)
    if (owner) res.json(owner)
    else res.status(401).json({ error: 'wrong credentials' })
  })
})
app.use('/api', (req, res, next) => {
  plasma.sessions(req.session).owner((error, owner) => {
    if (error) return next(error)
    if (!owner) return res.status(401).json({ error: 'log in first' })
    req.user = owner
    next()
  })
})
app.get('/api/me', (req, res) => {
  res.json(req.user)
})
listen(app)
