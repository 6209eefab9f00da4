import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { cpSync, symlinkSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import Plasma from 'organic-plasma'
import { Nucleus } from '../../../context/cell/nucleus'
import { called } from '../../support/called'
import type { AnySessions } from '../../support/sessions-organelle'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const ROOT = resolve(__dirname, '../../..')

const MODEL = `
const owners = [{ id: 'ann-1', username: 'ann', password: 'correct horse' }]
exports.createOrUpdate = (data, callback) => { owners.push(data); callback(null, data) }
exports.findByCredentials = ({ username, password }, callback) =>
  callback(null, owners.find((owner) => owner.username === username && owner.password === password))
exports.findById = (id, callback) => callback(null, owners.find((owner) => owner.id === id))
`

/** A cell of plain JavaScript, as its README would have it, that logs in and says who it is. */
const CELL = `
const Plasma = require('organic-plasma')
const sessions = require('./organelles/plasma/sessions')
const plasma = new Plasma()
new sessions(plasma, { source: 'organelles/plasma/sessions', name: 'sesions', ownerModelPath: 'context/models/user' })
const storage = {}
plasma.sesions(storage).login({ username: 'ann', password: 'correct horse' }, (err, owner) => {
  if (err) throw err
  plasma.sesions(storage).owner((err, same) => {
    console.log(JSON.stringify({ ownerId: storage.ownerId, same: same === owner, loaded: Object.keys(require.cache) }))
  })
})
`

/** All that the organelle needs of this project. */
const PARTS = ['plasma/sessions', 'context/cell']

/** A folder with a cell's own files, and no more of this project than the organelle and what it is made of. */
function anotherCell(): string {
  const folder = temporaryFolder()
  writeFiles(folder, { 'package.json': '{}', 'context/models/user.js': MODEL, 'cell.js': CELL })
  for (const part of PARTS) {
    cpSync(join(ROOT, part), join(folder, 'organelles', part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Builds the organelle as a nucleus does, by its source. */
function build(root: string, source: string, ownerModelPath: string): AnySessions {
  const plasma: Organic.Plasma = new Plasma()
  const dna = { source, name: 'sesions', ownerModelPath }
  let failed: unknown
  new Nucleus(plasma, { plasma: { sessions: dna } }, root).build(dna, (error) => {
    failed = error
  })
  if (failed) throw failed as Error
  return Reflect.get(plasma, 'sesions') as AnySessions
}

describe('the sessions organelle in another cell', () => {
  const path = 'organelles/plasma/sessions'
  for (const source of [path, `./${path}`, `${path}/index.ts`]) {
    it(`is built from ${source}, with a plain JavaScript model and nothing else of this cell`, async () => {
      const folder = anotherCell()
      const sesions = build(folder, source, relative(process.cwd(), join(folder, 'context/models/user')))
      const storage = {}
      const credentials = { username: 'ann', password: 'correct horse' }
      const ann = { id: 'ann-1', ...credentials }
      expect(await called((callback) => sesions(storage).login(credentials, callback))).to.deep.equal([null, ann])
      expect(storage).to.deep.equal({ ownerId: 'ann-1' })
      expect(await sesions(storage).user()).to.include({ id: 'ann-1' })
      await sesions(storage).logout()
      expect(storage).to.deep.equal({})
    })
  }

  it('is built from its place in this project, by a nucleus with another root', async () => {
    const folder = anotherCell()
    const sesions = build(folder, join(ROOT, 'plasma/sessions'), join(folder, 'context/models/user.js'))
    expect(await sesions({ ownerId: 'ann-1' }).owner()).to.include({ username: 'ann' })
  })

  it('runs in a process of its own, whose working directory the model is relative to', () => {
    const folder = anotherCell()
    const options = ['--require', require.resolve('tsx/cjs'), 'cell.js']
    const output = execFileSync(process.execPath, options, { cwd: folder, encoding: 'utf8' })
    const { ownerId, same, loaded } = JSON.parse(output) as { ownerId: string; same: boolean; loaded: string[] }
    expect({ ownerId, same }).to.deep.equal({ ownerId: 'ann-1', same: true })

    const own = loaded.map((file) => relative(folder, file)).filter((file) => !file.includes('node_modules'))
    expect(own).to.include(join('context', 'models', 'user.js'))
    expect(own.filter((file) => !/^(cell\.js|context|organelles)/.test(file))).to.deep.equal([])
  })

  it('says which DNA is at fault where the model of that cell is missing', () => {
    const folder = anotherCell()
    const missing = join(folder, 'context/models/nobody')
    expect(() => build(folder, path, missing)).to.throw(/^ownerModelPath: /)
  })
})
