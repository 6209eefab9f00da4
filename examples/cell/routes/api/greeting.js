'use strict'

/** `GET /api/greeting`: behind the guard of `/api`, so `req.user` is who is logged in. */
module.exports = () => ({
  GET(req, res) {
    res.json({ hello: req.user.username })
  },
})
