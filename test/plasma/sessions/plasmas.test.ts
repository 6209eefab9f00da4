import { expect } from 'chai'
import OrganicPlasma from 'organic-plasma'
import OldPlasma from 'organic-plasma-2'
import organelle from '../../../plasma/sessions'
import type { AnySessions } from '../../support/sessions-organelle'
import { keepWarnings } from '../../support/warnings'

const ada = { id: 'ada', name: 'Ada' }
const ownerModel = {
  createOrUpdate: (_data: object, callback: (error: null, owner: object) => void) => {
    callback(null, ada)
  },
  findByCredentials: ({ password }: { password?: string }, callback: (error?: null, owner?: object) => void) => {
    if (password === 'right') callback(null, ada)
    else callback()
  },
  findById: (_id: string, callback: (error: null, owner: object) => void) => {
    callback(null, ada)
  },
}

/** @returns what the organelle has put on the plasma */
function build(plasma: object): AnySessions {
  organelle(plasma as Organic.Plasma, { name: 'sessions', ownerModel })
  return (plasma as { sessions: AnySessions }).sessions
}

function logIn(sessions: AnySessions, storage: object, password: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    sessions(storage).login({ username: 'ada', password }, (error, owner) => {
      if (error instanceof Error) reject(error)
      else resolve(owner)
    })
  })
}

for (const [version, Plasma] of [
  ['2', OldPlasma],
  ['4', OrganicPlasma],
] as const) {
  describe(`the sessions organelle on organic-plasma ${version}`, () => {
    const warnings = keepWarnings()

    it('logs in, tells who is logged in, logs out, and emits each of it', async () => {
      const plasma = new Plasma()
      const types: string[] = []
      for (const type of ['SessionLogin', 'SessionLoginFailed', 'SessionLogout'])
        plasma.on(type, () => {
          types.push(type)
        })
      const sessions = build(plasma)
      const storage = {}
      expect(await logIn(sessions, storage, 'wrong')).to.equal(undefined)
      expect(await logIn(sessions, storage, 'right')).to.include(ada)
      expect(await sessions(storage).owner()).to.include(ada)
      await sessions(storage).logout()
      expect(types).to.deep.equal(['SessionLoginFailed', 'SessionLogin', 'SessionLogout'])
      expect(warnings).to.deep.equal([])
    })

    it('logs in also where a reaction throws', async () => {
      const plasma = new Plasma()
      plasma.on('SessionLogin', () => {
        throw new Error('the log is full')
      })
      const storage = {}
      await logIn(build(plasma), storage, 'right')
      expect(storage).to.have.property('ownerId', 'ada')
      expect(warnings).to.deep.equal(['a reaction to SessionLogin failed: the log is full'])
    })
  })
}
