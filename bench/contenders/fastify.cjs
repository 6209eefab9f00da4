'use strict'

// Follows the README of @fastify/session, with its store in memory.
const fastifyCookie = require('@fastify/cookie')
const fastifySession = require('@fastify/session')
const fastify = require('fastify')
const { findByCredentials, findById, SECRET } = require('./owners.cjs')

const app = fastify()
app.register(fastifyCookie)
app.register(fastifySession, { secret: SECRET, saveUninitialized: false, cookie: { secure: false } })
app.post('/api/login', async (request, reply) => {
  const owner = findByCredentials(request.body)
  if (!owner) return reply.code(401).send({ error: 'wrong credentials' })
  await request.session.regenerate()
  request.session.ownerId = owner.id
  return owner
})
app.get('/api/me', async (request, reply) => {
  const owner = findById(request.session.ownerId)
  return owner ?? reply.code(401).send({ error: 'log in first' })
})
app.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(`ready at ${address}`))
