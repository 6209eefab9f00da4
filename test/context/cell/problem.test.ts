import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  InvalidCredentials,
  InvalidCredentialsShape,
  LoginRequired,
  PROBLEM_CODES,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  isProblem,
  type ProblemCode,
} from '../../../context/cell'
import { ROOT } from '../../support/project'

describe('a problem', () => {
  const problems = [
    new InvalidCredentials(),
    new LoginRequired(),
    new InvalidCredentialsShape('detail'),
    new RemoteInvalid('detail'),
    new RemoteUnavailable('detail'),
    new StoreUnavailable('detail'),
  ]
  it('has the name of its class, its cause if there is one, and when to try again', () => {
    for (const problem of problems) {
      expect(problem.name).to.equal(problem.constructor.name)
      expect(problem).not.to.have.own.property('cause')
    }
    const options = { cause: new Error('inside'), retryAfter: 5 }
    expect(new StoreUnavailable('detail', options)).to.include({ ...options, message: 'detail' })
  })

  it('is recognized whichever copy of the code made it, and no error of a library is (OWASP ASVS 16.5.1)', () => {
    const file = require.resolve('../../../context/cell/problem')
    const { [file]: known } = require.cache
    Reflect.deleteProperty(require.cache, file)
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- another copy
    const copy = require(file) as { Problem: typeof Problem }
    require.cache[file] = known
    const ofCopy = new copy.Problem(404, 'NOT_FOUND', 'detail')
    expect(ofCopy).not.to.be.instanceOf(Problem)
    for (const problem of [...problems, ofCopy]) expect(isProblem(problem)).to.equal(true)

    const like = { expose: true, status: 404, code: 'ENOTFOUND' }
    for (const other of [like, null, undefined, 'NOT_FOUND', Object.assign(new Error('inside'), like)])
      expect(isProblem(other)).to.equal(false)
  })
})

describe('PROBLEM_CODES', () => {
  it('has every code that a source file gives to a Problem, with its status', () => {
    const files = ['context', 'plasma', 'routes'].flatMap((room) => sourcesIn(join(ROOT, room)))
    const used = files.flatMap((file) => [
      ...withoutComments(readFileSync(file, 'utf8')).matchAll(/(?:new Problem|super)\(\s*(\d{3}),\s*'([A-Z_]+)'/g),
    ])
    expect(used.length).to.be.greaterThan(20)
    for (const [text, status, code] of used) expect(PROBLEM_CODES[code as ProblemCode], text).to.equal(Number(status))
  })
})

function sourcesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name))
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[^]*?\*\//g, '')
}
