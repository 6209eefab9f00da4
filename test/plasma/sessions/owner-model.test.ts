import { expect } from 'chai'
import { join, relative } from 'node:path'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import organelle from '../../../plasma/sessions'
import { callModel, type AnyModel } from '../../../plasma/sessions/owner-model'
import { called } from '../../support/called'
import { MemoryOwners, type MemoryOwner } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const STATICS = `
  static createOrUpdate(data, callback) { callback(null, data) }
  static findByCredentials(credentials, callback) { callback() }
  static findById(id, callback) { callback(null, { id, model: this.name }) }
`
const TYPED_STATICS = STATICS.replaceAll(', callback) {', ', callback: Function) {')

/** Writes modules to a folder. @returns makes the path of one that DNA can name, relative to the working directory */
function modules(files: Record<string, string>): (path: string) => string {
  const folder = temporaryFolder()
  writeFiles(folder, { 'package.json': '{}', ...files })
  return (path) => relative(process.cwd(), join(folder, path))
}

function refusalOf(dna: Organic.Dna): Promise<DnaError> {
  return rejectionOf(() => organelle(new EventBus(), { name: 'sessions', ...dna }), DnaError)
}

describe('the owner model of the sessions organelle', () => {
  const pathOf = modules({
    'models/user.js': `module.exports = class User {${STATICS}}`,
    'models/member.ts': `class Member {${TYPED_STATICS}}\nexport = Member`,
    'models/group/index.js': `module.exports = class Group {${STATICS}}`,
    'models/made.js': `module.exports = (plasma, dna) => plasma.on && class Made {${STATICS} static get name() { return dna.name }}`,
  })
  for (const [path, model] of Object.entries({
    'models/user': 'User',
    'models/user.js': 'User',
    'models/member': 'Member',
    'models/group': 'Group',
    'models/made': 'sessions',
  })) {
    it(`is the module ${path}, or what it makes of plasma and DNA`, async () => {
      const { sessions } = buildSessions({ ownerModelPath: pathOf(path) })
      expect(await sessions({ ownerId: 7 }).owner()).to.deep.equal({ id: 7, model })
    })
  }

  for (const [what, content, message] of [
    ['throws', "throw new Error('no database')", /does not load: no database/],
    ['throws what is no error', "throw 'no database'", /does not load/],
    ['needs a module that is missing', "require('./not-there')", /does not load: .*not-there/],
    ['is no JavaScript', 'class {', /does not load/],
    ['exports nothing', '', /no function createOrUpdate/],
    ['exports null', 'module.exports = null', /no function createOrUpdate/],
    ['exports a function that makes no model', 'module.exports = () => ({})', /no function createOrUpdate/],
    ['exports it by name', `exports.User = class User {${STATICS}}`, /module\.exports =/],
    ['exports it as default', `export default class User {${STATICS}}`, /module\.exports =/],
  ] as const) {
    it(`is refused if its module ${what}`, async () => {
      const error = await refusalOf({ ownerModelPath: modules({ 'model.js': content })('model') })
      expect(error.message).to.match(/^ownerModelPath: /)
      expect(error.message).to.match(message)
    })
  }

  it('is refused if there is no such module', async () => {
    const error = await refusalOf({ ownerModelPath: 'context/models/nobody' })
    expect(error.message).to.equal('ownerModelPath: there is no module context/models/nobody')
  })

  it('can be given itself, which takes precedence over the path', async () => {
    const ownerModel = new MemoryOwners({ id: 'given' })
    const { sessions } = buildSessions({ ownerModel, ownerModelPath: 'context/models/nobody' })
    expect(await sessions({ ownerId: 'given' }).owner()).to.deep.equal({ id: 'given' })
    expect(sessions.ownerModel).to.equal(ownerModel)
  })

  it('is refused without one of the documented functions, and if there is none at all', async () => {
    const complete: object = { createOrUpdate() {}, findByCredentials() {}, findById() {} }
    for (const missing of Object.keys(complete)) {
      const lacking = { ...complete, [missing]: {} }
      for (const ownerModel of [lacking, Object.assign(class {}, lacking)]) {
        const { message } = await refusalOf({ ownerModel })
        expect(message).to.match(new RegExp(`^ownerModel: .* ${missing}:`))
      }
    }
    for (const ownerModel of [null, false, 'context/models/user', { default: complete }])
      expect((await refusalOf({ ownerModel })).key).to.equal('ownerModel')
    expect((await refusalOf({})).key).to.equal('ownerModelPath')
  })
})

type Answer = (error?: unknown, owner?: MemoryOwner | null) => void
type ModelFunction = (subject: unknown, callback: Answer) => unknown

const ann: MemoryOwner = { id: 'ann-1' }
const failure = new Error('no database')
const later = (work: () => void): void => void setImmediate(work)
/** Rejects with whatever a model may throw. */

const thrown = (value: unknown): Promise<never> => Promise.reject(value)

/** How models answer, and what a call comes to: an owner, nothing, or this error. */
const ANSWERS: [how: string, answer: ModelFunction, outcome: unknown][] = [
  ['calls back at once', (_subject, callback) => callback(null, ann), ann],
  ['calls back later, with undefined for no error', (_s, callback) => later(() => callback(undefined, ann)), ann],
  ['returns a promise', () => Promise.resolve(ann), ann],
  ['declares a callback and returns a promise', async (_subject, _callback) => Promise.resolve(ann), ann],
  ['is async and calls back late', async (_s, callback) => Promise.resolve(later(() => callback(null, ann))), ann],
  ['calls back, then an error', (_s, callback) => [callback(null, ann), callback(failure)], ann],
  ['calls back, then rejects', (_s, callback) => (callback(null, ann), Promise.reject(failure)), ann],
  ['calls back without arguments', (_subject, callback) => callback(), undefined],
  ['calls back null', (_subject, callback) => callback(null, null), undefined],
  ['calls back twice', (_s, callback) => [callback(), callback(null, ann)], undefined],
  ['promises undefined', () => Promise.resolve(undefined), undefined],
  ['declares a callback and promises null', async (_s, _callback) => Promise.resolve(null), undefined],
  ['calls back an error', (_subject, callback) => callback(failure), failure],
  ['calls back an error later, and an owner', (_s, callback) => later(() => callback(failure, ann)), failure],
  [
    'is async and calls back an error',
    async (_s, callback) => Promise.resolve(later(() => callback(failure))),
    failure,
  ],
  ['rejects', () => Promise.reject(failure), failure],
  ['rejects with nothing', () => thrown(undefined), /findById failed: undefined/],
  ['rejects with a string', () => thrown('route'), /findById failed: route/],
]

describe('a call of a model that', () => {
  for (const [how, answer, outcome] of ANSWERS) {
    it(`${how} comes to ${outcome === ann ? 'the owner' : outcome === undefined ? 'nothing' : 'an error'}`, async () => {
      const calling = callModel({ findById: answer } as unknown as AnyModel, 'findById', 'ann-1')
      if (outcome instanceof RegExp) expect((await rejectionOf(() => calling)).message).to.match(outcome)
      else expect(await calling.catch((error: unknown) => error)).to.equal(outcome)
    })
  }

  it('throws is an error, with the functions called as methods of the model', async () => {
    class Owners {
      static readonly failure = failure
      static findById(): void {
        throw this.failure
      }
    }
    expect(await rejectionOf(() => callModel(Owners as unknown as AnyModel, 'findById', 'ann-1'))).to.equal(failure)
  })

  it('fails reaches the callback once, and asks no trust point', async () => {
    const ownerModel = Object.assign(new MemoryOwners(), { findByCredentials: () => Promise.reject(failure) })
    const { sessions } = buildSessions({ ownerModel, remoteLoginEndpoint: 'http://127.0.0.1:1/' })
    expect(await called((callback) => sessions({}).login({ username: 'ann' }, callback))).to.deep.equal([failure])
  })
})
