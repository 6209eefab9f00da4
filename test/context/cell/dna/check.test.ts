import { expect } from 'chai'
import { z } from 'zod'
import { DnaError, DnaErrors, dnaErrorsOf } from '../../../../context/cell/dna/error'
import { findNearest } from '../../../../context/cell/dna/wording'
import { checkDna } from '../../../../context/cell'
import { rejectionOf } from '../../../support/rejection'

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
    ['an unknown key', { port: 1, prot: 2 }, 'prot', 'prot: unknown key, did you mean "port"?'],
    ['an unknown key that is like none', { port: 1, q: 2 }, 'q', 'q: unknown key'],
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

  it('reports every fault in a line of its own', async () => {
    const shape = z
      .strictObject({
        name: z.string(),
        port: z.int().min(1).max(9),
        ratio: z.number().positive(),
        kind: z.enum(['lax', 'strict']),
        isOn: z.boolean(),
        list: z.array(z.int()).min(1),
        url: z.url(),
        form: z.string().regex(/^[a-z]+$/),
        long: z.string().min(3),
        full: z.string().min(1),
        deep: z.strictObject({ failures: z.int() }),
        either: z.union([z.string(), z.array(z.string())]),
        remember: z.union(
          [z.strictObject({ idle: z.int(), absolute: z.int() }), z.literal(false)],
          'expected two, or false',
        ),
        routes: z.record(z.string().startsWith('/', 'must begin with /'), z.string()),
        forget: z.union([z.strictObject({ idle: z.int() }), z.literal(false)], 'expected one, or false'),
      })
      .partial()
      .extend({ needed: z.string() })
    const dna = {
      name: 5,
      port: 10,
      ratio: 0,
      kind: 'stict',
      isOn: 'false',
      list: [],
      url: 'x',
      form: '9',
      long: 'x',
      full: '',
      deep: { failure: 1 },
      either: 5,
      remember: { idle: '1', absolut: 2 },
      routes: { login: 'x' },
      forget: 5,
      prot: 1,
      nmae: 2,
    }
    const error = await rejectionOf(() => checkDna(shape, dna))
    expect(error.message.split('\n')).to.deep.equal([
      'name: expected a string',
      'port: must be at most 9',
      'ratio: must be more than 0',
      'kind: expected "lax" or "strict", did you mean "strict"?',
      'isOn: expected true or false',
      'list: must have at least 1 entry',
      'url: expected a URL',
      'form: has another form than expected',
      'long: must have at least 3 characters',
      'full: must not be empty',
      'deep.failures: is missing, expected a number',
      'deep.failure: unknown key, did you mean "failures"?',
      'either: expected a string, or a list',
      'remember.idle: expected a number',
      'remember.absolute: is missing, expected a number',
      'remember.absolut: unknown key, did you mean "absolute"?',
      'routes.login: must begin with /',
      'forget: expected one, or false',
      'needed: is missing, expected a string',
      'prot: unknown key, did you mean "port"?',
      'nmae: unknown key, did you mean "name"?',
    ])
    expect(error).to.be.instanceOf(DnaErrors).and.to.include({ name: 'DnaError', key: 'name' })
    expect(dnaErrorsOf(error).map(({ key }) => key)).to.include.members(['deep.failure', 'nmae'])
  })
})

describe('the nearest of several words', () => {
  const words = ['port', 'host', 'log', 'registration', '_production', '_test', 'express-server']
  const near: [word: string, nearest: string | undefined][] = [
    ['prot', 'port'],
    ['PORT', 'port'],
    ['hots', 'host'],
    ['lgo', undefined],
    ['lo', 'log'],
    ['registratoin', 'registration'],
    ['_prodction', '_production'],
    ['test', '_test'],
    ['expres_server', 'express-server'],
    ['x', undefined],
    ['something', undefined],
    ['', undefined],
  ]
  for (const [word, nearest] of near) {
    it(`to "${word}" is ${String(nearest)}`, () => {
      expect(findNearest(word, words)).to.equal(nearest)
    })
  }
})
