import { expect } from 'chai'
import { inspect } from 'node:util'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import organelle from '../../../plasma/sessions'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'

const ownerModel = new MemoryOwners()

/** @returns why this DNA is refused */
function refusal(dna: Organic.Dna, plasma: Organic.Plasma = new EventBus()): Promise<DnaError> {
  return rejectionOf(() => organelle(plasma, dna), DnaError)
}

describe('the DNA of the sessions organelle', () => {
  describe('name', () => {
    for (const name of ['sesions', 'sessions', 'Users', 'user-sessions']) {
      it(`puts the function on the plasma as ${name}`, async () => {
        const { sessions } = buildSessions({ name, ownerModel: new MemoryOwners({ id: 1 }) })
        const storage = {}
        sessions(storage).login({ id: 1 })
        expect(await sessions(storage).owner()).to.deep.equal({ id: 1 })
      })
    }

    const taken = [
      'on',
      'once',
      'off',
      'emit',
      'store',
      'listeners',
      'toString',
      'constructor',
      'hasOwnProperty',
      '__proto__',
    ]
    for (const name of taken) {
      it(`is refused where the plasma has it: ${name}`, async () => {
        const plasma: Organic.Plasma = new EventBus()
        const before: unknown = Reflect.get(plasma, name)
        const error = await refusal({ name, ownerModel }, plasma)
        expect(error.key).to.equal('name')
        expect(error.message).to.include(name)
        expect(Reflect.get(plasma, name)).to.equal(before)
      })
    }

    for (const name of ['', undefined, null, 7, ['sessions']]) {
      it(`is refused where it is no name: ${inspect(name)}`, async () => {
        expect((await refusal({ name, ownerModel })).key).to.equal('name')
      })
    }

    it('is refused where another organelle has taken it', async () => {
      const { plasma } = buildSessions({ ownerModel })
      expect((await refusal({ name: 'sessions', ownerModel }, plasma)).key).to.equal('name')
    })

    it('lets two organelles stand side by side, each with its own owners', async () => {
      const { plasma, sessions } = buildSessions({ ownerModel: new MemoryOwners({ id: 'a' }) })
      organelle(plasma, { name: 'others', ownerModel: new MemoryOwners({ id: 'b' }) })
      const others = Reflect.get(plasma, 'others') as typeof sessions
      expect(await sessions({ ownerId: 'a' }).owner()).to.deep.equal({ id: 'a' })
      expect(await others({ ownerId: 'a' }).owner()).to.equal(undefined)
    })
  })

  for (const key of ['remoteLoginEndpoint', 'remoteAuthenticateEndpoint']) {
    describe(key, () => {
      for (const url of ['http://127.0.0.1:1/api/login', 'https://users.example/login?from=here']) {
        it(`takes ${url}`, () => {
          expect(() => buildSessions({ ownerModel, [key]: url })).not.to.throw()
        })
      }

      const texts = ['', 'undefined', '/api/login', 'users.example/login', 'ftp://users.example', 'file:///etc/passwd']
      for (const url of [...texts, 'javascript:1', 7, null, {}]) {
        it(`is refused where it is no http(s) URL: ${inspect(url)}`, async () => {
          expect((await refusal({ name: 'sessions', ownerModel, [key]: url })).message).to.match(
            new RegExp(`^${key}: `),
          )
        })
      }

      for (const login of ['cell:hunter2', 'hunter2', ':hunter2']) {
        const url = `https://${login}@users.example/login`
        it(`is refused, and not repeated, where it carries credentials: ${url}`, async () => {
          const error = await refusal({ name: 'sessions', ownerModel, [key]: url })
          expect(error.key).to.equal(key)
          expect(inspect(error, { depth: Infinity })).not.to.include('hunter2')
        })
      }
    })
  }

  describe('two endpoints', () => {
    const login = 'http://users.example/api/login'
    const others = [
      'http://users.example:80/api/login',
      'http://USERS.example/api/login',
      'HTTP://users.example/api/./login',
    ]
    for (const authenticate of [login, `${login}#apps`, ...others]) {
      it(`are refused where they are the same: ${authenticate}`, async () => {
        const endpoints = { remoteLoginEndpoint: login, remoteAuthenticateEndpoint: authenticate }
        expect((await refusal({ name: 'sessions', ownerModel, ...endpoints })).key).to.match(
          /^remote(Login|Authenticate)Endpoint$/,
        )
      })
    }

    const different = [
      'http://apps.example/api/login',
      'http://users.example/api/apps',
      'https://users.example/api/login',
    ]
    for (const authenticate of different) {
      it(`are taken where they differ: ${authenticate}`, () => {
        const dna = { ownerModel, remoteLoginEndpoint: login, remoteAuthenticateEndpoint: authenticate }
        expect(() => buildSessions(dna)).not.to.throw()
      })
    }
  })

  for (const key of ['remoteTimeout', 'remoteMaxBytes']) {
    for (const value of [0, -1, 1.5, NaN, Infinity, '5000', null]) {
      it(`refuses a ${key} of ${inspect(value)}`, async () => {
        expect((await refusal({ name: 'sessions', ownerModel, [key]: value })).key).to.equal(key)
      })
    }
  }

  for (const key of ['ownerModelpath', 'remoteLoginEndPoint', 'remoteLogin', 'model', 'Name', 'constructor']) {
    it(`refuses a key that it does not know: ${key}`, async () => {
      const error = await refusal({ name: 'sessions', ownerModel, [key]: 'x' })
      expect(error.key).to.equal(key)
      expect(error.message).to.include('unknown')
    })
  }

  it('leaves the plasma as it was where it is refused', async () => {
    const plasma: Organic.Plasma = new EventBus()
    await refusal({ name: 'sessions', ownerModel, remoteLoginEndpoint: 'nowhere' }, plasma)
    expect(plasma).not.to.have.property('sessions')
  })
})
