'use strict'

/** Listens on a free port, and prints the line by which the benchmark finds it. @param server of node:http, or an Express app */
exports.listen = function (server) {
  const listening = server.listen(0, '127.0.0.1', () => {
    console.log(`ready at http://127.0.0.1:${listening.address().port}`)
  })
}
