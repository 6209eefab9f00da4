import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadWithPackages, readOwnPackage } from '../../../context/cell/own-package'
import { ROOT } from '../../support/project'

/** Fails as `require` does. */
function failWith(request: string): never {
  throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack:\n- /a.js`), {
    code: 'MODULE_NOT_FOUND',
  })
}

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

  it('names an optional package that is missing, and how it comes back', () => {
    for (const [request, name] of [
      ['kysely', 'kysely'],
      ['redis/lib/x', 'redis'],
      ['@node-rs/argon2', '@node-rs/argon2'],
    ] as const)
      expect(() => loadWithPackages(() => failWith(request))).to.throw(
        `the package ${name} is not installed: npm leaves it out with --omit=optional, and if it fails to install it`,
      )
  })

  it('leaves any other failure as it is', () => {
    for (const request of ['./kysely', '/kysely', 'organic-nothing', 'toString', 'zod'])
      expect(() => loadWithPackages(() => failWith(request)), request).to.throw('Cannot find module')
    const own = new RangeError('on purpose')
    expect(() =>
      loadWithPackages(() => {
        throw own
      }),
    ).to.throw(own)
    expect(loadWithPackages(() => 5)).to.equal(5)
  })

  it('requires nothing but the packages of the sessions organelle', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: object }
    expect(Object.keys(dependencies)).to.deep.equal(['cockatiel', 'fastest-levenshtein', 'undici', 'zod'])
  })
})
