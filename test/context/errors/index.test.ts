import { expect } from 'chai'
import { z } from 'zod'
import {
  DnaError,
  InvalidCredentialsShape,
  OwnerNotFound,
  Problem,
  RemoteInvalid,
  RemoteUnavailable,
  StoreUnavailable,
  checkDna,
} from '../../../context/errors'
import { rejectionOf } from '../../support/rejection'

describe('the check of DNA', () => {
  const schema = z.strictObject({
    port: z.int('expected a port'),
    deep: z.strictObject({ list: z.array(z.string('expected a text')) }).optional(),
    mode: z.string().default('none'),
  })

  it('gives the DNA with its defaults, and leaves the DNA itself alone', () => {
    const dna = { port: 1 }
    expect(checkDna(schema, dna)).to.deep.equal({ port: 1, mode: 'none' })
    expect(dna).to.deep.equal({ port: 1 })
  })

  const refused: [what: string, dna: unknown, key: string, message: string | RegExp][] = [
    ['a missing key', {}, 'port', 'port: expected a port'],
    ['a wrong type', { port: '1' }, 'port', 'port: expected a port'],
    ['an unknown key', { port: 1, prot: 2 }, 'prot', 'prot: unknown key'],
    ['an unknown key further in', { port: 1, deep: { list: [], other: 1 } }, 'deep.other', 'deep.other: unknown key'],
    ['a value in a list', { port: 1, deep: { list: ['a', 5] } }, 'deep.list.1', 'deep.list.1: expected a text'],
    ['what is no object', 'text', '', /./],
    ['nothing', undefined, '', /./],
    ['null', null, '', /./],
  ]
  for (const [what, dna, key, message] of refused) {
    it(`refuses ${what}, by its key`, async () => {
      const error = await rejectionOf<DnaError>(() => checkDna(schema, dna))
      expect(error).to.be.instanceOf(DnaError).and.to.include({ name: 'DnaError', key })
      if (typeof message === 'string') expect(error.message).to.equal(message)
      else expect(error.message).to.match(message)
    })
  }

  it('does not repeat a value, which may be a secret', async () => {
    const shape = z.strictObject({ secret: z.string().min(32), port: z.int(), kind: z.enum(['a', 'b']) })
    const good = { secret: 'x'.repeat(32), port: 1, kind: 'a' }
    for (const wrong of [{ secret: 'hush' }, { port: 'hush' }, { kind: 'hush' }]) {
      const dna = { ...good, ...wrong }
      expect((await rejectionOf(() => checkDna(shape, dna))).message).not.to.include('hush')
    }
  })

  it('says what was expected where a value may be one of several', async () => {
    const shape = z.strictObject({ secret: z.union([z.string(), z.array(z.string())]) })
    expect((await rejectionOf(() => checkDna(shape, { secret: 5 }))).message).to.match(/string/)
  })
})

describe('the errors that a client may be told of', () => {
  const all: [error: Problem, status: number, code: string][] = [
    [new OwnerNotFound(), 401, 'OWNER_NOT_FOUND'],
    [new InvalidCredentialsShape('detail'), 400, 'INVALID_CREDENTIALS_SHAPE'],
    [new RemoteInvalid('detail'), 502, 'REMOTE_INVALID'],
    [new RemoteUnavailable('detail'), 503, 'REMOTE_UNAVAILABLE'],
    [new StoreUnavailable('detail'), 503, 'STORE_UNAVAILABLE'],
  ]
  for (const [error, status, code] of all) {
    it(`${code} has the status ${String(status)}`, () => {
      expect(error).to.be.instanceOf(Problem).and.to.include({ status, code, name: error.constructor.name })
      expect(error).not.to.have.own.property('cause')
    })
  }

  it('keep what caused them, and when to try again', () => {
    const cause = new Error('inside')
    expect(new StoreUnavailable('detail', { cause, retryAfter: 5 })).to.include({ cause, retryAfter: 5, message: 'detail' })
  })
})
