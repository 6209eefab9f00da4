'use strict'

// Express, and nothing else: how soon it answers for the first time.
const express = require('express')
const { listen } = require('./listening.cjs')

const app = express()
app.get('/', (_req, res) => {
  res.send('Hello World!')
})
listen(app)
