'use strict'

// No framework and no session library: what Node itself costs.
const { randomUUID } = require('node:crypto')
const { createServer } = require('node:http')
const { json } = require('node:stream/consumers')
const { listen } = require('./listening.cjs')
const { findByCredentials } = require('./owners.cjs')

const sessions = new Map()

async function logIn(req, res) {
  const owner = findByCredentials(await json(req))
  if (!owner) return answer(res, 401, { error: 'wrong credentials' })
  const id = randomUUID()
  sessions.set(id, owner)
  res.setHeader('Set-Cookie', `id=${id}; Path=/; HttpOnly`)
  answer(res, 200, owner)
}

function answer(res, status, body) {
  const text = JSON.stringify(body)
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
  res.end(text)
}

const server = createServer((req, res) => {
  if (req.method === 'POST' && req.url === '/api/login') return void logIn(req, res)
  if (req.method !== 'GET' || req.url !== '/api/me') return answer(res, 404, { error: 'not found' })
  const owner = sessions.get(/(?:^|; )id=([^;]+)/.exec(req.headers.cookie ?? '')?.[1])
  if (owner) answer(res, 200, owner)
  else answer(res, 401, { error: 'log in first' })
})
listen(server)
