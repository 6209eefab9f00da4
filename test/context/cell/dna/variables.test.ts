import { expect } from 'chai'
import { join } from 'node:path'
import { z } from 'zod'
import { loadDna, type CellDna } from '../../../../context/cell/dna'
import { checkDna } from '../../../../context/cell'
import { dnaErrorsOf } from '../../../../context/cell/dna/error'
import { setEnvironment } from '../../../support/environment'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('environment variables in the DNA', () => {
  let restore: () => void

  before(() => {
    restore = setEnvironment({
      CELL_MODE: undefined,
      A_VARIABLE: 'its value',
      DOLLARS_2: 'a$$b$&c',
      REFERENCE: '@data.folder',
      A_PRICE: '$& $$ $1',
      A_NUMBER: '1337',
      A_FRACTION: '-0.5',
      A_SPACE: ' 1',
      A_YES: 'true',
      A_NO: 'false',
      A_SHOUT: 'FALSE',
      AN_EMPTY_VARIABLE: '',
      AN_UNSET_VARIABLE: undefined,
    })
  })
  after(() => restore())

  const load = (own: unknown, files: Record<string, unknown> = {}, mode?: string): Promise<CellDna> => {
    const folder = join(temporaryFolder(), 'dna')
    writeFiles(folder, { 'data.json': { folder: 'data' }, 'plasma/one.json': own, ...files })
    return loadDna({ folder, mode })
  }

  describe('are filled in:', () => {
    const good: [written: string, value: string][] = [
      ['{$A_VARIABLE}', 'its value'],
      ['is {$A_VARIABLE}.', 'is its value.'],
      ['{$DOLLARS_2}!', 'a$$b$&c!'],
      ['{$REFERENCE}', '@data.folder'],
      ['{$A_PRICE}', '$& $$ $1'],
      ['@{data.folder}/{$A_VARIABLE}', 'data/its value'],
      ['{$A_VARIABLE:-default}', 'its value'],
      ['{$AN_UNSET_VARIABLE:-default}', 'default'],
      ['{$AN_EMPTY_VARIABLE:-default}', 'default'],
      ['{$AN_UNSET_VARIABLE:-}', ''],
      ['{$AN_UNSET_VARIABLE:-$& "/{a:-b.@$1}x', '$& "/{a:-b.@$1x'],
      ['a{$AN_UNSET_VARIABLE:-b}{$A_VARIABLE}', 'abits value'],
    ]
    for (const [written, value] of good) {
      it(written, async () => {
        expect((await load({ x: written, list: [written] })).plasma['one']).to.deep.equal({ x: value, list: [value] })
      })
    }
  })

  describe('are refused, with file and key, where one is not set:', () => {
    for (const written of [
      '{$AN_UNSET_VARIABLE}',
      'before {$AN_UNSET_VARIABLE} after',
      '{$A_VARIABLE}{$AN_UNSET_VARIABLE}',
      '{$AN_EMPTY_VARIABLE}',
      '{$VARIABLE_2}',
    ]) {
      it(written, async () => {
        const [error] = dnaErrorsOf(await rejectionOf(() => load({ deep: { list: [written] } })))
        expect(error).to.include({ name: 'DnaError', key: 'deep.list.0' })
        expect(error?.branch).to.deep.equal(['plasma', 'one'])
        expect(error?.expected).to.match(/^the environment variable \w+ is not set$/)
      })
    }

    it('in a file beside the organelles, where an organelle refers to it', async () => {
      const data = { 'data.json': { folder: '{$AN_UNSET_VARIABLE}' } }
      for (const own of [{ file: '@{data.folder}/x' }, { file: '@data.folder' }]) {
        expect((await rejectionOf(() => load(own, data))).message).to.equal(
          'file: the environment variable AN_UNSET_VARIABLE is not set',
        )
      }
      const whole = await rejectionOf(() => load({ file: '@data' }, data))
      expect(whole.message).to.equal('file.folder: the environment variable AN_UNSET_VARIABLE is not set')
      expect((await load({}, data))['data']).to.deep.equal({ folder: '{$AN_UNSET_VARIABLE}' })
    })

    it('in a mode that is in use, but not in any other', async () => {
      const mode = { '_production/plasma/one.json': { secret: '{$AN_UNSET_VARIABLE}' } }
      expect((await load({}, mode)).plasma['one']).to.deep.equal({})
      const error = await rejectionOf(() => load({}, mode, '_production'))
      expect(error.message).to.equal('secret: the environment variable AN_UNSET_VARIABLE is not set')
    })

    it('but not if the mode in use replaces them', async () => {
      const mode = { '_test/plasma/one.json': { secret: 'a secret' } }
      const { plasma } = await load({ secret: '{$AN_UNSET_VARIABLE}' }, mode, '_test')
      expect(plasma['one']).to.deep.equal({ secret: 'a secret' })
    })
  })

  describe('in a form that other programs have are refused:', () => {
    const variables = [
      '${NAME}',
      '${NAME:-x}',
      'a ${name} b',
      '$NAME',
      '$name',
      '/srv/$HOME/x',
      '%NAME%',
      '%name%',
      'C:\\%APPDATA%\\x',
      '{{NAME}}',
      '{NAME}',
      '{ $NAME }',
      '{$ NAME}',
      '{$NAME',
      'x{$NAME',
      '{$}',
      '{$A-NAME}',
      '{$NAME:default}',
      '{$NAME-default}',
      '{$2ND}',
      '${{$NAME}}',
      'process.env.NAME',
    ]
    const references = ['@{data.folder', '@ {data.folder}', '{@data.folder}', '{data.folder}/cell.db', '@{data folder}']
    const nested = ['{$AN_UNSET_VARIABLE:-@{data.folder}}', '{$AN_UNSET_VARIABLE:-{$A_VARIABLE}}']
    for (const written of [...variables, ...references, ...nested]) {
      it(written, async () => {
        const [error] = dnaErrorsOf(await rejectionOf(() => load({ deep: [{ secret: written }] })))
        expect(error).to.have.property('key', 'deep.0.secret')
        const message = nested.includes(written)
          ? /^a default cannot hold/
          : references.includes(written)
            ? /as @\{branch\.key\}/
            : /as \{\$NAME\}/
        expect(error?.expected).to.match(message)
      })
    }

    it('but not if they only look similar', async () => {
      const own = {
        x: [
          '$argon2id$v=19$m=1',
          'a$b',
          '50% of 100%',
          '%C3%A9%',
          '$5',
          'pa$$Word',
          '/**/*.@(js|ts)',
          'a@b.example',
          '{"a":1}',
          '<=name=>',
        ],
      }
      expect((await load(own)).plasma['one']).to.deep.equal(own)
    })
  })

  describe('where a schema expects', () => {
    const schema = z.strictObject({
      number: z.int('expected a port').optional(),
      boolean: z.boolean().optional(),
      string: z.string().optional(),
      off: z.union([z.strictObject({ seconds: z.number() }), z.literal(false)]).optional(),
      any: z.union([z.literal(false), z.string(), z.int()]).optional(),
      list: z.array(z.union([z.int(), z.string()])).optional(),
      record: z.record(z.string(), z.boolean()).optional(),
      unknown: z.unknown().optional(),
    })
    const read: [own: object, value: object][] = [
      [{ number: '{$A_NUMBER}' }, { number: 1337 }],
      [{ number: '{$AN_UNSET_VARIABLE:-80}' }, { number: 80 }],
      [{ number: '@data.port' }, { number: 1337 }],
      [{ boolean: '{$A_YES}' }, { boolean: true }],
      [{ boolean: '{$A_NO}' }, { boolean: false }],
      [{ off: '{$A_NO}' }, { off: false }],
      [{ off: { seconds: '{$A_FRACTION}' } }, { off: { seconds: -0.5 } }],
      [{ string: '{$A_NUMBER}' }, { string: '1337' }],
      [{ string: '{$A_NO}' }, { string: 'false' }],
      [{ any: '{$A_NUMBER}' }, { any: 1337 }],
      [{ any: '{$A_NO}' }, { any: false }],
      [{ any: '{$A_YES}' }, { any: 'true' }],
      [{ any: '{$A_VARIABLE}' }, { any: 'its value' }],
      [{ list: ['{$A_NUMBER}', '{$A_VARIABLE}'] }, { list: [1337, 'its value'] }],
      [{ record: { x: '{$A_NO}' } }, { record: { x: false } }],
      [{ unknown: '{$A_NUMBER}' }, { unknown: '1337' }],
    ]
    for (const [own, value] of read) {
      it(`${JSON.stringify(own)}, is ${JSON.stringify(value)}, for whoever reads the DNA itself too`, async () => {
        const { plasma } = await load(own, {
          'data.json': { folder: 'data', port: '{$A_NUMBER}' },
          'plasma/two.json': { port: '@data.port' },
        })
        expect(checkDna(schema, plasma['one'])).to.deep.equal(value)
        expect(plasma['one']).to.deep.equal(value)
      })
    }

    const refused: [own: object, message: string][] = [
      [{ number: '1337' }, 'number: expected a port'],
      [{ boolean: 'false' }, 'boolean: expected true or false'],
      [{ boolean: '{$A_SHOUT}' }, 'boolean: expected true or false'],
      [{ boolean: '{$A_NUMBER}' }, 'boolean: expected true or false'],
      [{ number: '{$A_YES}' }, 'number: expected a port'],
      [{ number: '{$A_SPACE}' }, 'number: expected a port'],
      [{ number: '1{$A_NUMBER}' }, 'number: expected a port'],
      [{ number: '{$A_FRACTION}' }, 'number: expected a port'],
    ]
    for (const [own, message] of refused) {
      it(`${JSON.stringify(own)}, is refused`, async () => {
        const { plasma } = await load(own)
        expect((await rejectionOf(() => checkDna(schema, plasma['one']))).message).to.equal(message)
      })
    }
  })
})
