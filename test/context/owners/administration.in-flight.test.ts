import { expect } from 'chai'
import { closeDatabase } from '../../../context/sql'
import { Owners, endAllSessions } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { called } from '../../support/called'
import { newCredentials } from '../../support/client'
import { buildSessions } from '../../support/sessions-organelle'
import { openTestDatabase } from '../../support/test-database'

const owners = new Owners(User.kind)
const REASON = { changed: 'CREDENTIALS_CHANGED', gone: 'OWNER_NOT_FOUND' }

type Credentials = ReturnType<typeof newCredentials>

/** What an operator does, and why a login from before is over. */
const ENDS: [what: string, end: (credentials: Credentials) => Promise<unknown>, reason: string][] = [
  ['is disabled', ({ username }) => owners.disable(username), REASON.gone],
  [
    'is disabled and enabled again',
    async ({ username }) => {
      await owners.disable(username)
      await owners.enable(username)
    },
    REASON.changed,
  ],
  ['gets another password', ({ username }) => owners.resetPassword(username, 'another password'), REASON.changed],
  [
    'gets the same password again',
    ({ username, password }) => owners.resetPassword(username, password),
    REASON.changed,
  ],
  ['has his sessions ended', ({ username }) => owners.endSessions(username), REASON.changed],
  ['is one of all whose sessions end', () => endAllSessions(), REASON.changed],
  ['is deleted', ({ username }) => owners.delete(username), REASON.gone],
  [
    'is deleted, and another one has the name',
    async (credentials) => {
      await owners.delete(credentials.username)
      await User.register(credentials)
    },
    REASON.gone,
  ],
]

describe('a login in a storage of its own, by its security stamp', () => {
  before(openTestDatabase)
  after(closeDatabase)

  for (const [what, end, reason] of ENDS) {
    it(`is over when its owner ${what}, also when it was in flight (OWASP ASVS 7.4.2, 7.4.5)`, async () => {
      const credentials = newCredentials()
      await User.register(credentials)
      let hold = (): Promise<unknown> => Promise.resolve()
      const held = {
        createOrUpdate: () => Promise.resolve(undefined),
        findById: (id: unknown) => User.findById(id),
        // The owner is found, and nothing has been written to the storage yet.
        async findByCredentials(given: object) {
          const found = await User.findByCredentials(given)
          await hold()
          return found
        },
      }
      const { sessions, chemicals } = buildSessions({ ownerModel: held })
      const [before, inFlight] = [{}, {}]
      const logIn = async (storage: object): Promise<void> => {
        const [error, owner] = await called((done) => sessions(storage).login({ ...credentials }, done))
        expect(error).to.equal(null)
        expect(owner).to.include({ username: credentials.username })
      }
      await logIn(before)
      expect(await sessions(before).owner()).to.include({ username: credentials.username })

      hold = () => end(credentials)
      await logIn(inFlight)
      for (const storage of [before, inFlight]) {
        expect(await sessions(storage).owner()).to.equal(undefined)
        expect(storage).to.deep.equal({})
        expect(chemicals.at(-1)).to.include({ type: 'SessionDenied', reason })
      }
    })
  }
})
