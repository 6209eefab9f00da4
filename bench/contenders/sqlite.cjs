'use strict'

const { join } = require('node:path')

/** The SQLite that the cell uses as well: Node's own, or a package with the same API on Node 20. */
const { DatabaseSync } = process.getBuiltinModule('node:sqlite') ?? require('@photostructure/sqlite')

/** A new file in the working directory, with a write-ahead log, as the cell has it. @param synchronous as in SQLite's pragma */
exports.openDatabase = function (synchronous = 'full') {
  const database = new DatabaseSync(join(process.cwd(), 'contender.db'))
  database.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}`)
  return database
}
