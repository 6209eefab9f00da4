'use strict'

const session = require('express-session')
const { owners } = require('./owners.cjs')
const { servePassport } = require('./passport-app.cjs')
const { openDatabase } = require('./sqlite.cjs')

const DAY = 86_400_000

/**
 * A session store of the shape of those on the registry (connect-sqlite3): a row per session, which `touch` writes at each
 * request. Better than they do, its statements are prepared once and its journal is a write-ahead log. They themselves need
 * binaries from elsewhere than the registry, or a compiler.
 */
class SqliteStore extends session.Store {
  constructor(database) {
    super()
    // Its statements alone would not keep it open.
    this.database = database
    database.exec('create table sessions (sid text primary key, expired integer not null, sess text not null)')
    const statement = (sql) => database.prepare(sql)
    this.statements = {
      get: statement('select sess from sessions where sid = ? and expired >= ?'),
      set: statement('insert or replace into sessions values (?, ?, ?)'),
      touch: statement('update sessions set expired = ? where sid = ? and expired >= ?'),
      destroy: statement('delete from sessions where sid = ?'),
    }
  }

  get(sid, callback) {
    this.answer(callback, () => {
      const row = this.statements.get.get(sid, Date.now())
      return row && JSON.parse(row.sess)
    })
  }

  set(sid, sess, callback) {
    this.answer(callback, () => void this.statements.set.run(sid, expiryOf(sess), JSON.stringify(sess)))
  }

  touch(sid, sess, callback) {
    this.answer(callback, () => void this.statements.touch.run(expiryOf(sess), sid, Date.now()))
  }

  destroy(sid, callback) {
    this.answer(callback, () => void this.statements.destroy.run(sid))
  }

  answer(callback, work) {
    let result
    try {
      result = work()
    } catch (error) {
      return callback?.(error)
    }
    callback?.(null, result)
  }
}

function expiryOf({ cookie }) {
  return Date.now() + (cookie.maxAge ?? DAY)
}

/** Serves the app of passport with sessions and owners in SQLite. @param synchronous as in SQLite's pragma */
exports.servePassportOnSqlite = function (synchronous) {
  const database = openDatabase(synchronous)
  database.exec('create table owners (id text primary key, username text not null unique)')
  const insert = database.prepare('insert into owners values (?, ?)')
  for (const { id, username } of owners) insert.run(id, username)
  const find = database.prepare('select id, username from owners where id = ?')

  servePassport((id, callback) => {
    let owner
    try {
      owner = find.get(id)
    } catch (error) {
      return callback(error)
    }
    callback(null, owner)
  }, new SqliteStore(database))
}
