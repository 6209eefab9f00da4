import { expect } from 'chai'
import { z } from 'zod'
import { checkDna } from '../../../../context/cell/dna/check'
import { DnaError, dnaErrorsOf } from '../../../../context/cell/dna/error'
import { rejectionOf } from '../../../support/rejection'

describe('the check of DNA', () => {
  const schema = z.strictObject({
    port: z.int('expected a port'),
    deep: z.strictObject({ list: z.array(z.string('expected a string')) }).optional(),
    mode: z.string().default('none'),
  })

  it('gives the DNA with its defaults, and leaves the DNA itself alone', () => {
    const dna = { port: 1 }
    expect(checkDna(schema, dna)).to.deep.equal({ port: 1, mode: 'none' })
    expect(dna).to.deep.equal({ port: 1 })
  })

  const refused: [dna: unknown, key: string, message: string][] = [
    [{}, 'port', 'port: expected a port'],
    [{ port: 1, prot: 2 }, 'prot', 'prot: unknown key, did you mean "port"?'],
    [{ port: 1, deep: { list: [], other: 1 } }, 'deep.other', 'deep.other: unknown key'],
    [{ port: 1, deep: { list: ['a', 5] } }, 'deep.list.1', 'deep.list.1: expected a string'],
    ['a string', '', 'expected an object'],
    [undefined, '', 'is missing, expected an object'],
  ]
  it('refuses DNA by the key at fault', async () => {
    for (const [dna, key, message] of refused) {
      const error = await rejectionOf<DnaError>(() => checkDna(schema, dna), DnaError)
      expect(error).to.include({ name: 'DnaError', key, message })
    }
  })

  it('does not repeat a value, which may be a secret', async () => {
    const shape = z.strictObject({ secret: z.string().min(32), port: z.int(), kind: z.enum(['a', 'b']) })
    const dna = { secret: 'hush', port: 'hush', kind: 'hush' }
    expect((await rejectionOf(() => checkDna(shape, dna))).message).not.to.include('hush')
  })

  it('reports every fault in a line of its own', async () => {
    const two = z.strictObject({ idle: z.int(), absolute: z.int() })
    const faults: [key: string, schema: z.ZodType, value: unknown, ...lines: string[]][] = [
      ['name', z.string(), 5, 'name: expected a string'],
      ['port', z.int().min(1).max(9), 10, 'port: must be at most 9'],
      ['ratio', z.number().positive(), 0, 'ratio: must be more than 0'],
      ['kind', z.enum(['lax', 'strict']), 'stict', 'kind: expected "lax" or "strict", did you mean "strict"?'],
      ['isOn', z.boolean(), 'false', 'isOn: expected true or false'],
      ['list', z.array(z.int()).min(1), [], 'list: must have at least 1 entry'],
      ['url', z.url(), 'x', 'url: expected a URL'],
      ['form', z.string().regex(/^[a-z]+$/), '9', 'form: has another form than expected'],
      ['long', z.string().min(3), 'x', 'long: must have at least 3 characters'],
      ['full', z.string().min(1), '', 'full: must not be empty'],
      ['either', z.union([z.string(), z.array(z.string())]), 5, 'either: expected a string, or a list'],
      [
        ...(['remember', z.union([two, z.literal(false)]), { idle: '1', absolut: 2 }] as const),
        ...['remember.idle: expected a number', 'remember.absolute: is missing, expected a number'],
        'remember.absolut: unknown key, did you mean "absolute"?',
      ],
      [
        'routes',
        z.record(z.string().startsWith('/', 'must begin with /'), z.string()),
        { x: 'x' },
        'routes.x: must begin with /',
      ],
      ['forget', z.union([two, z.literal(false)], 'expected two, or false'), 5, 'forget: expected two, or false'],
      ['needed', z.string(), undefined, 'needed: is missing, expected a string'],
    ]
    const shape = z.strictObject(Object.fromEntries(faults.map(([key, inner]) => [key, inner])))
    const dna = { ...Object.fromEntries(faults.map(([key, , value]) => [key, value])), nmae: 2 }
    const error = await rejectionOf(() => checkDna(shape, dna))
    const lines = [...faults.flatMap(([, , , ...own]) => own), 'nmae: unknown key, did you mean "name"?']
    expect(error.message.split('\n')).to.deep.equal(lines)
    expect(error).to.include({ name: 'DnaError', key: 'name' })
    expect(dnaErrorsOf(error).map(({ key }) => key)).to.include.members(['remember.absolut', 'nmae'])
  })
})
