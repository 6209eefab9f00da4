'use strict'

// With the cell's own settings: what was answered survives a power failure.
require('./passport-on-sqlite.cjs').servePassportOnSqlite('full')
