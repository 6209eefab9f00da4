'use strict'

/** `GET /api/greeting`: behind the guard of `/api`, so `req.user` is the logged-in user. */
module.exports = () => ({
  GET(req, res) {
    res.json({ hello: req.user.username })
  },
})
