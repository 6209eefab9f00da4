'use strict'

// A power failure may undo the last writes, which costs a session little. better-sqlite3 has this default.
require('./passport-on-sqlite.cjs').servePassportOnSqlite('normal')
