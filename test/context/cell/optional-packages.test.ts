import { expect } from 'chai'
import { loadWithPackages } from '../../../context/cell/optional-packages'

/** Fails as `require` does. */
function failWith(request: string): never {
  throw Object.assign(new Error(`Cannot find module '${request}'\nRequire stack:\n- /a.js`), {
    code: 'MODULE_NOT_FOUND',
  })
}

describe('an optional package', () => {
  it('is named if it is missing, with the reason', () => {
    for (const [request, name] of [
      ['kysely', 'kysely'],
      ['redis/lib/x', 'redis'],
      ['@node-rs/argon2', '@node-rs/argon2'],
    ] as const)
      expect(() => loadWithPackages(() => failWith(request))).to.throw(
        `the package ${name} is not installed: npm leaves it out with --omit=optional, and if it fails to install it`,
      )
  })

  it('is not blamed for any other failure', () => {
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
})
