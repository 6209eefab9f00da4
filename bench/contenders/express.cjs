'use strict'

// Express without a session library: a cookie, and a Map.
const { randomUUID } = require('node:crypto')
const express = require('express')
const { listen } = require('./listening.cjs')
const { findByCredentials } = require('./owners.cjs')

const app = express()
const sessions = new Map()

app.post('/api/login', express.json(), (req, res) => {
  const owner = findByCredentials(req.body)
  if (!owner) return res.status(401).json({ error: 'wrong credentials' })
  const id = randomUUID()
  sessions.set(id, owner)
  res.cookie('id', id, { httpOnly: true }).json(owner)
})
app.get('/api/me', (req, res) => {
  const owner = sessions.get(/(?:^|; )id=([^;]+)/.exec(req.headers.cookie ?? '')?.[1])
  if (owner) res.json(owner)
  else res.status(401).json({ error: 'log in first' })
})
listen(app)
