import { expect } from 'chai'
import { sql } from 'kysely'
import { join } from 'node:path'
import { Database, loadMigrations } from '../../../context/sql'
import { newFile, onEachDatabase, type Place } from '../../support/database-places'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

/** The source of a migration in the plainest form. */
const up = (...statements: string[]): string =>
  `exports.up = async function (db) { const { sql } = require(${JSON.stringify(require.resolve('kysely'))})
  ${statements.join('\n')} }`
const run = (text: string): string => `await sql\`${text}\`.execute(db)`
const create = (table: string): string => run(`create table ${table} (id text)`)

const NOTES = {
  '0001-notes.js': up(`await db.schema.createTable('notes').addColumn('id', 'text').execute()`),
  '0002-Tags.ts': up(create('notes_tags')),
  '0002-authors.js': up(run("insert into notes values ('first')")),
  '0001-notes.test.ts': 'a test',
  'notes.d.ts': 'types',
  'README.md': 'text',
}

describe('a folder of migrations', () => {
  let root: string
  beforeEach(() => {
    root = temporaryFolder()
  })

  /** Opens a database with the folders of the root that have these names. */
  const open = (place: Place, ...names: string[]): Promise<Database> => {
    const folders = names.map((name) => loadMigrations(name, join(root, name), root))
    return Database.open(place, undefined, folders)
  }
  async function openAndClose(place: Place, ...names: string[]): Promise<void> {
    await (await open(place, ...names)).close()
  }
  const write = (folder: string, files: Record<string, string>): void => writeFiles(join(root, folder), files)
  /** Writes it at another place, as another process would find it: this one has already loaded the files. */
  const rewrite = (folder: string, files: Record<string, string>): void => {
    root = temporaryFolder()
    write(folder, files)
  }
  const countIn = async ({ query }: Database, table: string): Promise<number> =>
    (await sql`select * from ${sql.table(table)}`.execute(query)).rows.length

  onEachDatabase('that DNA names', (newPlace) => {
    it('makes tables beside those of the cell and of other folders, once, whoever is first', async () => {
      const place = await newPlace()
      write('notes', NOTES)
      write('tasks', { '0001-notes.js': up(create('tasks')) })
      await openAndClose(place)
      await Promise.all([1, 2, 3].map(() => openAndClose(place, 'notes', 'tasks')))

      write('tasks', { '0002-more.js': up(create('tasks_more')) })
      const database = await open(place, 'tasks', 'notes')
      const counted = ['notes', 'notes_tags', 'notes_migration', 'tasks', 'tasks_more', 'tasks_migration', 'owners']
      const counts = await Promise.all(counted.map((table) => countIn(database, table)))
      expect(counts).to.deep.equal([1, 0, 3, 0, 0, 2, 0])
      await database.close()
      // A cell without these tables works with such a database.
      await openAndClose(place)
    })

    it('changes nothing if one of them fails, and runs again', async () => {
      const place = await newPlace()
      write('notes', { ...NOTES, '0003-broken.js': up(create('broken'), "throw new Error('on purpose')") })
      const error = await rejectionOf(() => open(place, 'notes'))
      expect(error).to.include({ name: 'DnaError', key: 'migrations.notes' })
      expect(error.message).to.equal('migrations.notes: notes/0003-broken.js fails: on purpose')
      rewrite('notes', { ...NOTES, '0003-broken.js': up(create('broken'), 'throw undefined') })
      expect((await rejectionOf(() => open(place, 'notes'))).message).to.include('0003-broken.js fails: undefined')
      rewrite('notes', { ...NOTES, '0003-broken.js': up(create('broken')) })
      // It would fail if a table of the first attempt were there.
      await openAndClose(place, 'notes')
    })

    it("is refused if it changes the cell's own tables, in whatever way", async () => {
      const place = await newPlace()
      for (const statement of [
        'drop table sessions',
        'alter table owners add column phone text',
        'alter table throttles rename to notes_throttles',
        'drop table kysely_migration',
      ]) {
        rewrite('notes', { '0001-notes.js': up(create('notes'), run(statement)) })
        const { message } = await rejectionOf(() => open(place, 'notes'))
        expect(message, statement).to.match(/0001-notes\.js fails: it changes \S+, a table of the cell itself$/)
      }
      rewrite('notes', { '0001-notes.js': up(create('owners')) })
      expect((await rejectionOf(() => open(place, 'notes'))).message).to.match(/fails: .*owners.* already exists/)
    })

    it('is refused to an older cell, which lacks what has run', async () => {
      const place = await newPlace()
      write('notes', NOTES)
      await openAndClose(place, 'notes')
      rewrite('notes', { '0001-notes.js': NOTES['0001-notes.js'] })
      expect((await rejectionOf(() => open(place, 'notes'))).message).to.match(/^migrations\.notes: .*0002-Tags/)
    })
  })

  it('is refused if it is missing or empty, or has a file that is no migration', async () => {
    const faults: [files: Record<string, string>, message: string][] = [
      [{}, 'there is no folder notes'],
      [{ 'README.md': '' }, 'there are no migrations in notes'],
      [{ '0001.js': '' }, 'notes/0001.js does not export a function "up"'],
      [{ '0001.js': 'exports.default = { up() {} }' }, 'notes/0001.js does not export a function "up"'],
      [{ '0001.js': 'throw new Error("on purpose")' }, 'notes/0001.js does not load: on purpose'],
      [{ '0001.js': up(), '0001.ts': up() }, 'notes/0001.js and notes/0001.ts have one name'],
      [{ '0001.js': up(), '0002.sql': '' }, 'notes/0002.sql would not be run'],
      [{ '0001.mjs': '' }, 'notes/0001.mjs would not be run'],
    ]
    for (const [files, message] of faults) {
      rewrite('notes', files)
      const error = await rejectionOf(() => open(newFile(), 'notes'))
      expect(error).to.include({ name: 'DnaError', key: 'migrations.notes' })
      expect(error.message).to.include(message)
    }
  })
})
