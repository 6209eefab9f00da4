import { expect } from 'chai'
import { join, relative } from 'node:path'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import organelle from '../../../plasma/sessions'
import { MemoryOwners } from '../../support/memory-owners'
import { rejectionOf } from '../../support/rejection'
import { buildSessions } from '../../support/sessions-organelle'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const STATICS = `
  static createOrUpdate(data, callback) { callback(null, data) }
  static findByCredentials(credentials, callback) { callback() }
  static findById(id, callback) { callback(null, { id, model: this.name }) }
`
const TYPED_STATICS = STATICS.replaceAll(', callback) {', ', callback: Function) {')

/** A folder with these files, and a path in it as DNA names it: relative to the working directory. */
function modules(files: Record<string, string>): (path: string) => string {
  const folder = temporaryFolder()
  writeFiles(folder, files)
  return (path) => relative(process.cwd(), join(folder, path))
}

function refusal(dna: Organic.Dna): Promise<DnaError> {
  return rejectionOf(() => organelle(new EventBus(), { name: 'sessions', ...dna }), DnaError)
}

describe('the owner model of the sessions organelle', () => {
  describe('by ownerModelPath', () => {
    const files = {
      'models/user.js': `module.exports = class User {${STATICS}}`,
      'models/member.ts': `class Member {${TYPED_STATICS}}\nexport = Member`,
      'models/group/index.js': `module.exports = class Group {${STATICS}}`,
      'package.json': '{}',
    }
    for (const [path, model] of [
      ['models/user', 'User'],
      ['models/user.js', 'User'],
      ['models/member', 'Member'],
      ['models/member.ts', 'Member'],
      ['models/group', 'Group'],
    ] as const) {
      it(`is the module ${path}, relative to the working directory`, async () => {
        const { sessions } = buildSessions({ ownerModelPath: modules(files)(path) })
        expect(await sessions({ ownerId: 7 }).owner()).to.deep.equal({ id: 7, model })
      })
    }

    it('is a module by its absolute path', async () => {
      const folder = temporaryFolder()
      writeFiles(folder, files)
      const { sessions } = buildSessions({ ownerModelPath: join(folder, 'models/user') })
      expect(await sessions({ ownerId: 7 }).owner()).to.deep.equal({ id: 7, model: 'User' })
    })

    for (const [what, content, message] of [
      ['throws', "throw new Error('no database')", /no database/],
      ['throws what is no error', "throw 'no database'", /ownerModelPath/],
      ['needs a module that is missing', "require('./not-there')", /not-there/],
      ['is no JavaScript', 'class {', /does not load/],
      ['exports nothing', '', /createOrUpdate/],
      ['exports an instance of nothing', 'module.exports = null', /createOrUpdate/],
      ['exports a number', 'module.exports = 7', /createOrUpdate/],
      ['exports it by name', `exports.User = class User {${STATICS}}`, /module\.exports =/],
      ['exports it as default', `export default class User {${STATICS}}`, /module\.exports =/],
    ] as const) {
      it(`is refused where the module ${what}`, async () => {
        const error = await refusal({ ownerModelPath: modules({ 'model.js': content })('model') })
        expect(error.key).to.equal('ownerModelPath')
        expect(error.message)
          .to.match(/^ownerModelPath: /)
          .and.to.match(message)
      })
    }

    it('is refused where a TypeScript module exports it as default', async () => {
      const path = modules({ 'model.ts': `export default class User {${TYPED_STATICS}}` })('model')
      expect((await refusal({ ownerModelPath: path })).message).to.match(/^ownerModelPath: .*export =/)
    })

    it('is refused where there is no module, and says which', async () => {
      const error = await refusal({ ownerModelPath: 'context/models/nobody' })
      expect(error.message)
        .to.match(/^ownerModelPath: /)
        .and.to.include('no module context/models/nobody')
    })

    for (const path of ['', 7, null, ['context/models/user']]) {
      it(`is refused where it is no path: ${JSON.stringify(path)}`, async () => {
        expect((await refusal({ ownerModelPath: path })).key).to.equal('ownerModelPath')
      })
    }
  })

  describe('as ownerModel', () => {
    it('is the model itself, and goes before the path', async () => {
      const model = new MemoryOwners({ id: 'given' })
      const { sessions } = buildSessions({ ownerModel: model, ownerModelPath: 'context/models/nobody' })
      expect(await sessions({ ownerId: 'given' }).owner()).to.deep.equal({ id: 'given' })
      expect(sessions.ownerModel).to.equal(model)
    })

    for (const missing of ['createOrUpdate', 'findByCredentials', 'findById']) {
      const answer = (): undefined => undefined
      const whole = { createOrUpdate: answer, findByCredentials: answer, findById: answer }

      it(`is refused without ${missing}`, async () => {
        const error = await refusal({ ownerModel: { ...whole, [missing]: undefined } })
        expect(error.key).to.equal('ownerModel')
        expect(error.message).to.include(missing)
      })

      it(`is refused where ${missing} is no function`, async () => {
        expect((await refusal({ ownerModel: { ...whole, [missing]: {} } })).message)
          .to.match(/^ownerModel: /)
          .and.to.include(missing)
      })
    }

    for (const ownerModel of [null, false, 'context/models/user', 7, {}, { default: new MemoryOwners() }]) {
      it(`is refused where it is no model: ${JSON.stringify(ownerModel)}`, async () => {
        expect((await refusal({ ownerModel })).key).to.equal('ownerModel')
      })
    }
  })

  it('is needed one way or the other', async () => {
    expect((await refusal({})).message).to.match(/^ownerModelPath: /)
  })
})
