import { expect } from 'chai'
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeDatabase, database, openDatabase, prepare } from '../../../context/sql'
import { ownerRow } from '../../support/owner-row'
import { runScript } from '../../support/process'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'
import { together } from '../../support/together'

describe('the database', () => {
  afterEach(closeDatabase)

  const newFile = (): string => join(temporaryFolder(), 'data', 'cell.db')

  const addUser = (id: string): Promise<unknown> => {
    return database().insertInto('owners').values(ownerRow(id)).execute()
  }

  describe('on its first run', () => {
    it('makes its file, its journal and its folder readable by their owner alone', async () => {
      const file = newFile()
      await openDatabase(file)
      await addUser('somebody')
      expect(statSync(join(file, '..')).mode & 0o777).to.equal(0o700)
      for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777, name).to.equal(0o600)
    })

    it('does so also where the umask would let everybody read', async () => {
      const file = newFile()
      const umask = process.umask(0)
      try {
        await openDatabase(file)
      } finally {
        process.umask(umask)
      }
      expect(statSync(file).mode & 0o777).to.equal(0o600)
      expect(statSync(join(file, '..')).mode & 0o777).to.equal(0o700)
    })

    it('makes folders within folders', async () => {
      const file = join(temporaryFolder(), 'a/b/c/cell.db')
      await openDatabase(file)
      await addUser('somebody')
    })

    it('takes an empty file for a new database', async () => {
      const file = join(temporaryFolder(), 'cell.db')
      writeFileSync(file, '')
      await openDatabase(file)
      await addUser('somebody')
    })
  })

  it('keeps what is in it when it is closed and opened again', async () => {
    const file = newFile()
    for (const id of ['first', 'second', 'third']) {
      await openDatabase(file)
      await addUser(id)
      await closeDatabase()
    }
    await openDatabase(file)
    const users = await database().selectFrom('owners').select('id').orderBy('id').execute()
    expect(users.map(({ id }) => id)).to.deep.equal(['first', 'second', 'third'])
  })

  describe('refuses, and names', () => {
    const refused: [what: string, make: (folder: string) => string][] = [
      [
        'a file that is no database',
        (folder) => written(join(folder, 'cell.db'), 'a text and no database\n'.repeat(100)),
      ],
      ['a database that is cut off', (folder) => written(join(folder, 'cell.db'), 'SQLite format 3\0 and no more')],
      ['a folder in the place of the file', (folder) => made(join(folder, 'cell.db'))],
      ['a path below a file', (folder) => join(written(join(folder, 'file'), ''), 'cell.db')],
      ['a path further below a file', (folder) => join(written(join(folder, 'file'), ''), 'data/cell.db')],
    ]
    for (const [what, make] of refused) {
      it(what, async () => {
        const file = make(temporaryFolder())
        const error = await rejectionOf(() => openDatabase(file))
        expect(error.message).to.include(`${file} cannot be used: `)
        expect(error.message).not.to.include('right now')
        expect(() => database()).to.throw('No database is open')
      })
    }

    it('a database that a newer version of the cell has changed', async () => {
      const file = newFile()
      await openDatabase(file)
      const newer = { name: '9999-newer', timestamp: new Date().toISOString() }
      await database()
        .insertInto('kysely_migration' as 'owners')
        .values(newer as never)
        .execute()
      await closeDatabase()
      const error = await rejectionOf(() => openDatabase(file))
      expect(error.message).to.include(file).and.to.include('9999-newer')
    })

    it('leaves a file that is no database as it was', async () => {
      const file = written(join(temporaryFolder(), 'notes.txt'), 'my notes\n'.repeat(500))
      await rejectionOf(() => openDatabase(file))
      expect(readFileSync(file, 'utf8')).to.equal('my notes\n'.repeat(500))
    })
  })

  describe('once closed', () => {
    it('is an error with status 503 for whoever asks', async () => {
      const findUser = prepare((db) => db.selectFrom('owners').selectAll().where('id', '=', ''))
      await openDatabase(newFile())
      await findUser('somebody')
      await closeDatabase()
      for (const question of [() => database(), () => findUser('somebody')]) {
        expect(await rejectionOf(question)).to.include({
          name: 'StoreUnavailable',
          status: 503,
          code: 'STORE_UNAVAILABLE',
        })
      }
    })

    it('can be closed again', async () => {
      await openDatabase(newFile())
      await closeDatabase()
      await closeDatabase()
    })

    it('stays closed when that came while it was being opened', async () => {
      const opening = openDatabase(newFile()).catch(() => undefined)
      await closeDatabase()
      await opening
      expect(() => database()).to.throw('No database is open')
    })
  })

  it('tells what it cannot do as an error with status 503 that says nothing of the query', async () => {
    await openDatabase(newFile())
    await addUser('a-secret-id')
    const error = await rejectionOf(() => addUser('a-secret-id'))
    expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    expect(error.message).not.to.match(/a-secret-id|users|insert/i)
  })

  it('can be made by several processes at once', async () => {
    const folder = temporaryFolder()
    const code = `
      const { openDatabase, closeDatabase } = require('./context/sql')
      ;(async () => {
        for (let round = 0; round < 10; round += 1) {
          go(round)
          await openDatabase(process.env.FOLDER + '/' + round + '.db')
          await closeDatabase()
        }
      })()`
    const ended = await together(2, code, (script, env) => runScript(script, { ...env, FOLDER: folder }))
    expect(ended.map(({ stderr }) => stderr)).to.deep.equal(['', ''])
    expect(ended.map(({ code }) => code)).to.deep.equal([0, 0])
    expect(readdirSync(folder).filter((name) => name.endsWith('.db'))).to.have.length(10)
  })
})

function written(file: string, content: string): string {
  writeFileSync(file, content)
  return file
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true })
  return folder
}
