import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readOwnPackage } from '../../../context/cell/own-package'
import { ROOT } from '../../support/project'

describe('the package that the code is a part of', () => {
  it('is found from the sources, with a file of them for all that it exports', () => {
    const { name, folder, code } = readOwnPackage()
    expect([name, folder]).to.deep.equal(['organic-sessions-cell', ROOT])
    for (const path of code.values()) expect(() => require.resolve(join(ROOT, path)), path).not.to.throw()
    expect(code.get('sessions')).to.equal('plasma/sessions')
  })

  it('exports every organelle', () => {
    expect([...readOwnPackage().code.keys()]).to.include.members(readdirSync(join(ROOT, 'plasma')))
  })

  it('requires nothing but the packages of the sessions organelle', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }
    expect(Object.keys(dependencies)).to.deep.equal(['cockatiel', 'fastest-levenshtein', 'undici', 'zod'])
  })
})
