import { expect } from 'chai'
import { called, refused } from '../../support/called'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { buildSessions } from '../../support/sessions-organelle'

type Answer = (error?: unknown, owner?: MemoryOwner | null) => void
type ModelFunction = (subject: unknown, callback: Answer) => unknown

const ann: MemoryOwner = { id: 'ann-1' }
const failure = new Error('no database')
const later = (work: () => void): void => void setTimeout(work, 5)

const FOUND: Record<string, ModelFunction> = {
  'calls back at once': (_subject, callback) => callback(null, ann),
  'calls back later': (_subject, callback) => later(() => callback(null, ann)),
  'calls back with undefined for no error': (_subject, callback) => callback(undefined, ann),
  'returns a promise': () => Promise.resolve(ann),
  'is an async function': async () => Promise.resolve(ann),
  'is an async function that declares a callback and returns': async (_subject, _callback) => Promise.resolve(ann),
  'is an async function that calls back late': async (_subject, callback) => {
    await Promise.resolve()
    later(() => callback(null, ann))
  },
  'is an async function that calls back before it returns': async (_subject, callback) => {
    await Promise.resolve()
    callback(null, ann)
  },
  'calls back and returns a promise': (_subject, callback) => {
    later(() => callback(null, ann))
    return Promise.resolve(ann)
  },
  'calls back twice': (_subject, callback) => {
    callback(null, ann)
    callback(null, ann)
  },
  'calls back, then calls back an error': (_subject, callback) => {
    callback(null, ann)
    later(() => callback(failure))
  },
  'calls back, then throws': (_subject, callback) => {
    callback(null, ann)
    throw failure
  },
  'calls back, then rejects': async (_subject, callback) => {
    callback(null, ann)
    return Promise.reject(failure)
  },
}

const NOT_FOUND: Record<string, ModelFunction> = {
  'calls back without arguments': (_subject, callback) => callback(),
  'calls back later without arguments': (_subject, callback) => later(() => callback()),
  'calls back null': (_subject, callback) => callback(null, null),
  'calls back undefined': (_subject, callback) => callback(null, undefined),
  'calls back twice': (_subject, callback) => {
    callback()
    callback(null, ann)
  },
  'promises undefined': () => Promise.resolve(undefined),
  'promises null': () => Promise.resolve(null),
  'is an async function that calls back late': async (_subject, callback) => {
    await Promise.resolve()
    later(() => callback())
  },
  'declares a callback and promises null': async (_subject, _callback) => Promise.resolve(null),
}

const FAILING: Record<string, ModelFunction> = {
  throws: () => {
    throw failure
  },
  rejects: () => Promise.reject(failure),
  'calls back an error': (_subject, callback) => callback(failure),
  'calls back an error later': (_subject, callback) => later(() => callback(failure)),
  'calls back an error and an owner': (_subject, callback) => callback(failure, ann),
  'calls back an error, then an owner': (_subject, callback) => {
    callback(failure)
    callback(null, ann)
  },
  'calls back an error and rejects': (_subject, callback) => {
    callback(failure)
    return Promise.reject(failure)
  },
  'is an async function that throws': async () => {
    await Promise.resolve()
    throw failure
  },
  'is an async function that calls back an error late': async (_subject, callback) => {
    await Promise.resolve()
    later(() => callback(failure))
  },
}

const nothing = undefined as unknown as Error

/** Failures that give no reason are errors all the same: the one thing that they must not be is "not found". */
const FAILING_WITHOUT_REASON: Record<string, ModelFunction> = {
  'rejects with nothing': () => Promise.reject(nothing),
  'throws nothing': () => {
    throw nothing
  },
}

const hanging: ModelFunction = () => undefined

/** Both ways to ask a model: for credentials, and for an id. */
const QUESTIONS = {
  login: (answer: ModelFunction, storage: object, callback: Answer) => {
    const ownerModel = { findByCredentials: answer, findById: hanging, createOrUpdate: hanging }
    buildSessions({ ownerModel })
      .sessions(storage)
      .login({ username: 'ann' }, callback as never)
  },
  owner: (answer: ModelFunction, storage: object, callback: Answer) => {
    const ownerModel = { findByCredentials: hanging, findById: answer, createOrUpdate: hanging }
    buildSessions({ ownerModel })
      .sessions(Object.assign(storage, { ownerId: 'ann-1' }))
      .owner(callback as never)
  },
}

for (const [question, ask] of Object.entries(QUESTIONS)) {
  describe(`the ${question} of a model that`, () => {
    for (const [how, answer] of Object.entries(FOUND)) {
      it(`${how} is the owner, once`, async () => {
        const storage = {}
        expect(await called((callback) => ask(answer, storage, callback))).to.deep.equal([null, ann])
        expect(storage).to.deep.equal({ ownerId: 'ann-1' })
      })
    }

    for (const [how, answer] of Object.entries(NOT_FOUND)) {
      it(`${how} is a callback without arguments, once`, async () => {
        const storage = {}
        expect(await called((callback) => ask(answer, storage, callback))).to.have.length(0)
        expect(storage).to.deep.equal({})
      })
    }

    for (const [how, answer] of Object.entries(FAILING)) {
      it(`${how} is that error, once`, async () => {
        const storage = {}
        expect(await called((callback) => ask(answer, storage, callback))).to.deep.equal([failure])
        expect(storage).to.deep.equal(question === 'owner' ? { ownerId: 'ann-1' } : {})
      })
    }

    for (const [how, answer] of Object.entries(FAILING_WITHOUT_REASON)) {
      it(`${how} is an error, and never "not found"`, async () => {
        await refused((callback) => ask(answer, {}, callback))
      })
    }
  })
}

describe('a model that fails', () => {
  it('is not made up for by a trust point', async () => {
    const ownerModel = Object.assign(new MemoryOwners(), { findByCredentials: () => Promise.reject(failure) })
    const { sessions } = buildSessions({ ownerModel, remoteLoginEndpoint: 'http://127.0.0.1:1/' })
    expect(await called((callback) => sessions({}).login({ username: 'ann' }, callback))).to.deep.equal([failure])
  })
})
