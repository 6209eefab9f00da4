import { expect } from 'chai'
import { join } from 'node:path'
import { z } from 'zod'
import type { CellDna } from '../../../../context/cell/dna'
import { checkDna } from '../../../../context/cell/dna/check'
import { dnaErrorsOf } from '../../../../context/cell/dna/error'
import { setEnvironment } from '../../../support/environment'
import { loadDna } from '../../../support/load-dna'
import { rejectionOf } from '../../../support/rejection'
import { temporaryFolder, writeFiles } from '../../../support/temporary-folder'

describe('environment variables in the DNA', () => {
  let restore: () => void

  before(() => {
    restore = setEnvironment({
      ...{ CELL_MODE: undefined, A_VARIABLE: 'its value', DOLLARS_2: 'a$$b$&c', REFERENCE: '@data.folder' },
      ...{ A_NUMBER: '1337', A_FRACTION: '-0.5', A_SPACE: ' 1', A_YES: 'true', A_NO: 'false', A_SHOUT: 'FALSE' },
      ...{ AN_EMPTY_VARIABLE: '', UNSET: undefined },
    })
  })
  after(() => restore())

  const load = (own: object, files: Record<string, unknown> = {}, mode?: string): Promise<CellDna> => {
    const folder = join(temporaryFolder(), 'dna')
    writeFiles(folder, { 'data.json': { folder: 'data' }, 'plasma/one.json': own, ...files })
    return loadDna({ folder, mode })
  }

  const good: Record<string, string> = {
    '{$A_VARIABLE}': 'its value',
    'is {$DOLLARS_2}!': 'is a$$b$&c!',
    '{$REFERENCE}': '@data.folder',
    '@{data.folder}/{$A_VARIABLE}': 'data/its value',
    '{$A_VARIABLE:-default}': 'its value',
    '{$UNSET:-default}': 'default',
    '{$AN_EMPTY_VARIABLE:-default}': 'default',
    '{$UNSET:-}': '',
    '{$UNSET:-$& "/{a:-b.@$1}x': '$& "/{a:-b.@$1x',
    'a{$UNSET:-b}{$A_VARIABLE}': 'abits value',
  }
  it('are filled in', async () => {
    const values = Object.values(good)
    const own = { deep: { list: Object.keys(good) }, x: '{$A_VARIABLE}' }
    expect((await load(own)).plasma['one']).to.deep.equal({ deep: { list: values }, x: 'its value' })
  })

  it('are refused by branch and key if one is not set', async () => {
    for (const written of ['{$UNSET}', 'a {$UNSET} b', '{$A_VARIABLE}{$UNSET}', '{$AN_EMPTY_VARIABLE}']) {
      const [error] = dnaErrorsOf(await rejectionOf(() => load({ deep: { list: [written] } })))
      expect(error, written).to.deep.include({ key: 'deep.list.0', branch: ['plasma', 'one'] })
      expect(error?.expected).to.match(/^the environment variable \w+ is not set$/)
    }
  })

  it('must be set in a file beside the organelles only if an organelle refers to it', async () => {
    const data = { 'data.json': { folder: '{$UNSET}' } }
    expect((await load({}, data))['data']).to.deep.equal({ folder: '{$UNSET}' })
    for (const [file, key] of [
      ['@{data.folder}/x', 'file'],
      ['@data.folder', 'file'],
      ['@data', 'file.folder'],
    ] as const) {
      const { message } = await rejectionOf(() => load({ file }, data))
      expect(message).to.equal(`${key}: the environment variable UNSET is not set`)
    }
  })

  it('must be set in a mode only if it is in use, and not if it replaces them', async () => {
    const mode = { '_m/plasma/one.json': { secret: '{$UNSET}' } }
    expect((await load({}, mode)).plasma['one']).to.deep.equal({})
    const { message } = await rejectionOf(() => load({}, mode, '_m'))
    expect(message).to.equal('secret: the environment variable UNSET is not set')
    const replacing = { '_m/plasma/one.json': { secret: 'a secret' } }
    expect((await load({ secret: '{$UNSET}' }, replacing, '_m')).plasma['one']).to.deep.equal({ secret: 'a secret' })
  })

  const foreign: Record<string, string> = {
    'as {$NAME}':
      '${NAME}  ${NAME:-x}  a ${name} b  $NAME  $name  /srv/$HOME/x  %NAME%  %name%  C:\\%APPDATA%\\x  {{NAME}}  {NAME}  ' +
      '{ $NAME }  {$ NAME}  {$NAME  x{$NAME  {$}  {$A-NAME}  {$NAME:default}  {$2ND}  ${{$NAME}}  process.env.NAME',
    'as @{branch.key}': '@{data.folder  @ {data.folder}  {@data.folder}  {data.folder}/cell.db  @{data folder}',
    'a default cannot hold': '{$UNSET:-@{data.folder}}  {$UNSET:-{$A_VARIABLE}}',
  }
  it('are refused in a form that other programs have', async () => {
    for (const [message, written] of Object.entries(foreign)) {
      const secrets = written.split('  ')
      const errors = dnaErrorsOf(await rejectionOf(() => load({ deep: secrets.map((secret) => ({ secret })) })))
      for (const [index, secret] of secrets.entries())
        expect(errors.find(({ key }) => key === `deep.${index}.secret`)?.expected, secret).to.include(message)
    }
  })

  it('are not what only looks similar', async () => {
    const hashes = ['$argon2id$v=19$m=1', 'a$b', '$5', 'pa$$Word', '/**/*.@(js|ts)']
    const own = { x: [...hashes, '50% of 100%', '%C3%A9%', 'a@b.example', '{"a":1}', '<=name=>'] }
    expect((await load(own)).plasma['one']).to.deep.equal(own)
  })

  const schema = z
    .strictObject({
      number: z.int('expected a port'),
      boolean: z.boolean(),
      string: z.string(),
      off: z.union([z.strictObject({ seconds: z.number() }), z.literal(false)]),
      any: z.union([z.literal(false), z.string(), z.int()]),
      list: z.array(z.union([z.int(), z.string()])),
      record: z.record(z.string(), z.boolean()),
      unknown: z.unknown(),
    })
    .partial()
  const read: [own: object, value: object][] = [
    [{ number: '{$A_NUMBER}' }, { number: 1337 }],
    [{ number: '@data.port' }, { number: 1337 }],
    [{ boolean: '{$A_YES}' }, { boolean: true }],
    [{ off: '{$A_NO}' }, { off: false }],
    [{ off: { seconds: '{$A_FRACTION}' } }, { off: { seconds: -0.5 } }],
    [{ string: '{$A_NUMBER}' }, { string: '1337' }],
    [{ any: '{$A_NUMBER}' }, { any: 1337 }],
    [{ any: '{$A_YES}' }, { any: 'true' }],
    [{ list: ['{$A_NUMBER}', '{$A_VARIABLE}'] }, { list: [1337, 'its value'] }],
    [{ record: { x: '{$A_NO}' } }, { record: { x: false } }],
    [{ unknown: '{$A_NUMBER}' }, { unknown: '1337' }],
  ]
  it('are read as what a schema expects, in the DNA itself', async () => {
    const port = { 'data.json': { folder: 'data', port: '{$A_NUMBER}' }, 'plasma/two.json': { port: '@data.port' } }
    for (const [own, value] of read) {
      const { plasma } = await load(own, port)
      expect(checkDna(schema, plasma['one'])).to.deep.equal(value)
      expect(plasma['one']).to.deep.equal(value)
    }
  })

  it('are not read as what they do not spell, and strings in DNA never are', async () => {
    const numbers = ['1337', '{$A_YES}', '{$A_SPACE}', '1{$A_NUMBER}', '{$A_FRACTION}'].map((number) => ({ number }))
    const booleans = ['false', '{$A_SHOUT}', '{$A_NUMBER}'].map((boolean) => ({ boolean }))
    for (const own of [...numbers, ...booleans]) {
      const { plasma } = await load(own)
      const { message } = await rejectionOf(() => checkDna(schema, plasma['one']))
      expect(message).to.equal('number' in own ? 'number: expected a port' : 'boolean: expected true or false')
    }
  })
})
