import { expect } from 'chai'
import { join } from 'node:path'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import User from '../../../context/models/user'
import { ownerRow } from '../../support/owner-row'
import { ownersHere } from '../../support/owners-command'
import { temporaryFolder } from '../../support/temporary-folder'

/** A password that no message has by chance. */
const SECRET = 'unmistakable-secret'
const POINT = 'https://users.example.org/api/login'

describe('npm run owners refuses', () => {
  const data = temporaryFolder()
  const owners = ownersHere({ CELL_MODE: '_test', CELL_DATA: data })

  before(() =>
    inDatabase(async () => {
      await User.register({ username: 'ada', password: 'correct horse battery' })
      await database()
        .insertInto('owners')
        .values({ ...ownerRow('remote-1', 'grace'), trust_point: POINT })
        .execute()
      const session = { owner_id: 'remote-1', data: '{}', address: null, agent: null, created_at: 1, seen_at: 1 }
      await database()
        .insertInto('sessions')
        .values({ ...session, id_hash: 'x', family: 'x', expires_at: 9e15 })
        .execute()
    }),
  )

  async function inDatabase<T>(work: () => Promise<T>): Promise<T> {
    await openDatabase(join(data, 'cell.db'))
    try {
      return await work()
    } finally {
      await closeDatabase()
    }
  }
  const everything = (): Promise<unknown> =>
    inDatabase(async () => [
      await database().selectFrom('owners').selectAll().execute(),
      await database().selectFrom('sessions').selectAll().execute(),
    ])

  /** Exits with an error and one line that says why, or one with the usage after it, and changes nothing. */
  function refuses(what: string, parameters: string[], message: string, input = ''): void {
    it(`${what}, with one line that says why`, async () => {
      const before = await everything()
      const { code, stdout, stderr } = await owners(parameters, input)
      expect(code).to.equal(1)
      expect(stdout).to.equal('')
      if (message.startsWith('error:')) expect(stderr).to.match(/^.*\n(\(.*\)\n)?\nUsage: owners [^]*\n$/)
      else expect(stderr).to.match(/^owners: .*\n$/)
      expect(stderr.split('\n')[0]).to.equal(message)
      expect(stderr).not.to.include(SECRET)
      expect(await everything()).to.deep.equal(before)
    })
  }

  describe('an owner whom it does not have:', () => {
    for (const command of ['show', 'delete', 'end-sessions', 'reset-password']) {
      refuses(command, [command, 'nobody'], 'owners: There is no user "nobody".', `${SECRET}\n`)
    }
  })

  describe('a name:', () => {
    refuses('that is taken', ['create', 'ada'], 'owners: This username is taken.', SECRET)
    refuses(
      'with a newline',
      ['create', 'eve\nowners: all is well'],
      'owners: username must not have control characters.',
      SECRET,
    )
  })

  describe('a password:', () => {
    const common = 'owners: password is one of those that everybody tries first.'
    const short = 'owners: password must have at least 8 characters.'
    refuses('that is common, for a new owner (OWASP ASVS 6.2.4)', ['create', 'new'], common, 'Password123\n')
    refuses('that is common, for an owner (OWASP ASVS 6.2.4)', ['reset-password', 'ada'], common, 'Password123\n')
    refuses('of 7 characters (OWASP ASVS 6.2.1)', ['create', 'new'], short, 'seven-7\n')
    refuses('that is not there, for a new owner', ['create', 'new'], short)
    refuses('that is not there, for an owner', ['reset-password', 'ada'], short)
    refuses('that is an empty first line', ['create', 'new'], short, `\n${SECRET}\n`)
    refuses('that a trust point keeps', ['reset-password', 'grace'], `owners: ${POINT} keeps this password.`, SECRET)
    refuses(
      'among the arguments',
      ['create', 'new', SECRET],
      `error: too many arguments for 'create'. Expected 1 argument but got 2.`,
    )
    refuses('as an option', ['create', 'new', '--password', SECRET], `error: unknown option '--password'`, SECRET)
  })

  describe('a command line:', () => {
    refuses('end-sessions of nobody', ['end-sessions'], `error: missing required argument 'name'`)
    refuses(
      'end-all-sessions of one',
      ['end-all-sessions', '--yes', 'ada'],
      `error: too many arguments for 'end-all-sessions'. Expected 0 arguments but got 1.`,
    )
    refuses('an unknown command', ['remove', 'ada'], `error: unknown command 'remove'`)
    refuses('no name', ['delete'], `error: missing required argument 'name'`)
    refuses('--all where one is meant', ['delete', '--all'], `error: unknown option '--all'`)
  })

  it("to end everybody's sessions without asking, and says how many there are", async () => {
    const before = await everything()
    const stderr = 'This ends all 1 sessions of all owners.\nowners: there is no terminal to ask on: say --yes\n'
    expect(await owners(['end-all-sessions'], 'yes\n')).to.deep.equal({ code: 1, stdout: '', stderr })
    expect(await everything()).to.deep.equal(before)
  })

  describe('what a variable may hold in the place of a name:', () => {
    refuses('--all', ['end-sessions', '--all'], `error: unknown option '--all'`)
    refuses('--all, as a name', ['end-sessions', '--', '--all'], 'owners: There is no user "--all".')
    refuses('--all, as a new name', ['create', '--', '--all'], 'owners: username must not begin with -.', SECRET)
    refuses('--id', ['delete', '--id'], `error: missing required argument 'name'`)
    refuses('an id that begins with -', ['--id', 'delete', '--', '-1'], 'owners: There is no user "-1".')
    refuses('nothing', ['create', ''], 'owners: username must not be empty.', SECRET)
  })

  it('nothing at all, with its usage', async () => {
    const { code, stdout, stderr } = await owners([])
    expect([code, stdout]).to.deep.equal([1, ''])
    for (const command of [
      'create',
      'list',
      'show',
      'disable',
      'enable',
      'delete',
      'reset-password',
      'end-sessions',
      'end-all-sessions',
    ]) {
      expect(stderr).to.match(new RegExp(`^ {2}${command} .*<?\\w`, 'm'))
    }
  })
})
