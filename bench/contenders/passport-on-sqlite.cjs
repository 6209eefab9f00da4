'use strict'

const session = require('express-session')
const SqliteStore = require('better-sqlite3-session-store')(session)
const { owners } = require('./owners.cjs')
const { servePassport } = require('./passport-app.cjs')
const { openDatabase } = require('./sqlite.cjs')

/**
 * Serves the app of passport with sessions and owners in SQLite. The store takes an open database; the cell's own engine has
 * the API of better-sqlite3 that it uses.
 *
 * @param synchronous as in SQLite's pragma
 */
exports.servePassportOnSqlite = function (synchronous) {
  const database = openDatabase(synchronous)
  database.exec('create table owners (id text primary key, username text not null unique)')
  const insert = database.prepare('insert into owners values (?, ?)')
  for (const { id, username } of owners) insert.run(id, username)
  const find = database.prepare('select id, username from owners where id = ?')

  servePassport(
    (id, callback) => {
      let owner
      try {
        owner = find.get(id)
      } catch (error) {
        return callback(error)
      }
      callback(null, owner)
    },
    new SqliteStore({ client: database }),
  )
}
