import { expect } from 'chai'
import { cpSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import OrganicPlasma from 'organic-plasma'
import OldPlasma from 'organic-plasma-2'
import organelle from '../../../plasma/sessions'
import { cellFolder, startTestCell } from '../../support/cell'
import { MemoryOwners } from '../../support/memory-owners'
import { ROOT } from '../../support/project'
import { rejectionOf } from '../../support/rejection'
import type { AnySessions } from '../../support/sessions-organelle'
import { keepWarnings } from '../../support/warnings'

describe('the sessions organelle without this cell', () => {
  it('imports context/cell and packages, and nothing else of this project', () => {
    const folder = join(ROOT, 'plasma/sessions')
    for (const file of readdirSync(folder)) {
      const source = readFileSync(join(folder, file), 'utf8')
      const paths = [...source.matchAll(/(?:from |import\(|require\()'(\.[^']*)'/g)].map(([, path]) => path)
      for (const path of paths) expect(path, file).to.match(/^(\.\/[\w-]+|\.\.\/\.\.\/context\/cell(\/[\w-]+)?)$/)
    }
  })

  for (const [version, Plasma] of Object.entries({ '2': OldPlasma, '4': OrganicPlasma })) {
    describe(`on organic-plasma ${version}`, () => {
      const warnings = keepWarnings()

      it('logs in, says who is logged in, logs out, and emits each of it, even if a reaction throws', async () => {
        const plasma = new Plasma()
        const types: string[] = []
        for (const type of ['SessionLogin', 'SessionLoginFailed', 'SessionLogout']) {
          plasma.on(type, () => {
            types.push(type)
            if (type === 'SessionLogin') throw new Error('the log is full')
          })
        }
        const ada = { id: 'ada', username: 'ada', password: 'right' }
        organelle(plasma, { name: 'sessions', ownerModel: new MemoryOwners(ada) })
        const api = (Reflect.get(plasma, 'sessions') as unknown as AnySessions)({})
        expect(await api.authenticate({ username: 'ada', password: 'wrong' })).to.equal(undefined)
        expect(await api.authenticate({ username: 'ada', password: 'right' })).to.equal(ada)
        expect(await api.owner()).to.equal(ada)
        await api.logout()
        expect(types).to.deep.equal(['SessionLoginFailed', 'SessionLogin', 'SessionLogout'])
        expect(warnings).to.deep.equal(['a reaction to SessionLogin failed: the log is full'])
      })
    })
  }
})

describe('a cell with a sessions organelle of another copy of the code', () => {
  it('says which key in which DNA file that copy refuses', async () => {
    const sessions = { source: 'installed/plasma/sessions', ownerModelPath: 'nowhere' }
    const root = cellFolder({ 'dna/_test/plasma/sessions.json': sessions })
    // All that the organelle needs.
    for (const part of ['plasma/sessions', 'context/cell'])
      cpSync(join(ROOT, part), join(root, 'installed', part), { recursive: true })
    const { message } = await rejectionOf(() => startTestCell({}, root))
    expect(message).to.match(/^dna\/[\w/]*sessions\.json: ownerModelPath: there is no module nowhere$/)
    expect(Object.keys(require.cache)).to.include(join(root, 'installed/context/cell/problem.ts'))
  })
})
