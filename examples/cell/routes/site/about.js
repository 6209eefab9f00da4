'use strict'

/** `GET /about`: a page for everybody. */
module.exports = () => ({
  GET(_req, res) {
    res.send('<!doctype html><title>About</title><h1>A cell of my own</h1><a href="/">Log in</a>')
  },
})
