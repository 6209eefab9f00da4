import { Ajv, type ValidateFunction } from 'ajv'
import { expect } from 'chai'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readDnaFiles } from '../../../context/cell/dna/files'
import type { JsonSchema } from '../../../context/cell/dna/json-schema'
import { makeSchemaFiles } from '../../../context/commands/schema-files'
import { dnaCommand } from '../../support/dna-command'
import { ROOT } from '../../support/project'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

const STALE = 'is not what the code says: run npm run dna -- schemas'
const parse = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T

/** The files in a folder, with their paths in it. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
}

describe('the JSON Schemas of the DNA', () => {
  let files: Map<string, string>
  const compiled = new Map<string, ValidateFunction>()
  before(() => {
    files = makeSchemaFiles(ROOT)
    // Strict: an unknown keyword is an error.
    const ajv = new Ajv({ validateFormats: false, allowUnionTypes: true })
    for (const [name, content] of files) compiled.set(name, ajv.compile(JSON.parse(content) as object))
  })

  function accepts(name: string, dna: unknown): boolean {
    return compiled.get(`${name}.json`)?.(dna) ?? expect.fail(`there is no schema ${name}`)
  }

  it('lie in schemas/ as the code says, and no others', () => {
    expect(listFiles(join(ROOT, 'schemas')).sort()).to.deep.equal([...files.keys()].sort())
    for (const [name, content] of files)
      expect(readFileSync(join(ROOT, 'schemas', name), 'utf8') === content, `schemas/${name} ${STALE}`).to.equal(true)
  })

  it('are those that VS Code takes for each file of DNA, which they accept', () => {
    const settings = parse<{ 'json.schemas': { fileMatch: string[]; url: string }[] }>(
      join(ROOT, '.vscode/settings.json'),
    )
    const wired = settings['json.schemas'].map(({ fileMatch: [match = ''], url }) => {
      return { pattern: new RegExp(`^${match.slice(1).replace('*', '[^/]*')}$`), url: url.replace('./schemas/', '') }
    })
    expect(wired.map(({ url }) => url).sort()).to.deep.equal([...files.keys()].sort())
    for (const { name, content } of readDnaFiles(join(ROOT, 'dna')).files) {
      const [found, ...others] = wired.filter(({ pattern }) => pattern.test(name))
      expect(others, name).to.be.empty
      const validate = compiled.get(found?.url ?? '')
      expect(validate?.(content), `${name}: ${JSON.stringify(validate?.errors)}`).to.equal(true)
    }
  })

  it('say what every key does, and its default', () => {
    const undescribed: string[] = []
    const walk = (name: string, { properties = {} }: JsonSchema): void => {
      for (const [key, inner] of Object.entries(properties)) {
        const { description = '', default: byDefault } = inner
        const isWhole = inner.anyOf?.find(({ properties: own }) => own)
        if (description.length < 10) undescribed.push(`${name}.${key}`)
        const isSaid = byDefault !== undefined && JSON.stringify(byDefault) !== '{}'
        if (isSaid && !isWhole) expect(description).to.contain(`Default: ${JSON.stringify(byDefault)}`)
        // Keys of an alternative are described with it.
        if (isWhole && key !== 'remember') walk(`${name}.${key}`, isWhole)
      }
    }
    for (const [name, content] of files) walk(name, JSON.parse(content) as JsonSchema)
    expect(undescribed).to.be.empty
  })

  const server = { port: 1337, emitReady: 'ExpressServer' }
  const throttle = (): Record<string, unknown> => parse(join(ROOT, 'dna/plasma/throttle.json'))
  const accepted: [what: string, name: string, dna: () => unknown][] = [
    ['a variable for a number', 'plasma/express-server', () => ({ ...server, port: '{$PORT:-1337}' })],
    ['a variable for a boolean', 'modes/plasma/sessions', () => ({ remoteRequireHttps: '{$HTTPS}' })],
    ['a variable for one of several words', 'modes/plasma/throttle', () => ({ counts: '{$COUNTS:-sql}' })],
    ['a variable in a longer string', 'modes/plasma/throttle', () => ({ mount: '/{$PREFIX}' })],
    ['a reference for an object', 'plasma/throttle', () => ({ ...throttle(), account: '@limits.account' })],
    ['a reference for a list', 'modes/plasma/express-server', () => ({ trustedOrigins: '@hosts.origins' })],
    ['an object of which the keys are elsewhere', 'plasma/express-server', () => ({ '@': 'shared.server' })],
    ['a mode that changes one key deep inside', 'modes/plasma/throttle', () => ({ address: { underWay: 1 } })],
    ['a mode that replaces an object', 'modes/plasma/throttle', () => ({ '~routes': { '/enter': 'credentials' } })],
    ['a mode that adds to a list', 'modes/plasma/throttle', () => ({ exempt: [{ $push: '10.0.0.0/8' }] })],
    ['an organelle that is off', 'plasma/throttle', () => false],
    ['an organelle that is its source alone', 'plasma/health', () => 'plasma/health'],
    ['$schema', 'data', () => ({ $schema: '../schemas/data.json', folder: 'data' })],
    ['a key that another file refers to', 'data', () => ({ folder: 'data', logs: 'log' })],
    ['events', 'cell', () => ({ events: ['OrderPlaced'], drainSeconds: 0.5 })],
  ]
  for (const [what, name, dna] of accepted)
    it(`accept ${what}`, () => expect(accepts(name, dna()), JSON.stringify(dna())).to.equal(true))

  const refused: [what: string, name: string, dna: () => unknown][] = [
    ['an unknown key', 'plasma/express-server', () => ({ ...server, prot: 1 })],
    ['an unknown key deep inside', 'modes/plasma/throttle', () => ({ account: { failure: 1 } })],
    ['a string for a number', 'plasma/express-server', () => ({ ...server, port: 'many' })],
    ['a variable of another syntax', 'plasma/express-server', () => ({ ...server, port: '${PORT}' })],
    ['a number that is too large', 'modes/plasma/express-server', () => ({ port: 65_536 })],
    ['a string for a boolean', 'modes/plasma/sessions', () => ({ remoteRequireHttps: 'yes' })],
    ['a word that is none of several', 'modes/plasma/express-sessions', () => ({ store: 'sqlite' })],
    ['a route without its slash', 'modes/plasma/throttle', () => ({ routes: { login: 'credentials' } })],
    ['an option that the routes do not have', 'modes/plasma/api-routes', () => ({ options: { registratoin: true } })],
    ['a missing key', 'plasma/throttle', () => ({ ...throttle(), knownSeconds: undefined })],
    ['true for an organelle', 'modes/plasma/throttle', () => true],
    ['a $schema that is no string', 'data', () => ({ $schema: 1 })],
    ['a setting that the cell does not have', 'modes/cell', () => ({ drainSecond: 1 })],
  ]
  for (const [what, name, dna] of refused)
    it(`refuse ${what}`, () => expect(accepts(name, JSON.parse(JSON.stringify(dna()))), name).to.equal(false))

  it('are made for organelles of a cell that have a schema, in place of those before', async () => {
    const root = temporaryFolder()
    writeFiles(root, {
      'dna/_only/plasma/mine.json': { source: 'mine' },
      'dna/plasma/foreign.json': { source: 'foreign' },
      'dna/plasma/health.json': { source: 'plasma/health' },
      'mine.js': `const { z } = require(${JSON.stringify(join(ROOT, 'node_modules/zod'))})
        module.exports = Object.assign(() => {}, { dnaSchema: z.strictObject({ source: z.string(), size: z.int() }) })`,
      'foreign.js': 'module.exports = () => {}',
      'schemas/plasma/old.json': {},
      'schemas/notes.md': 'mine',
    })
    expect(await dnaCommand(['schemas'], {}, root)).to.deep.equal({
      code: 0,
      stdout: 'wrote 10 schemas to schemas/\n',
      stderr: '',
    })
    expect(listFiles(join(root, 'schemas/plasma')).sort()).to.deep.equal(['health.json', 'mine.json'])
    expect(parse<JsonSchema>(join(root, 'schemas/modes/plasma/mine.json')).properties).to.include.keys('size', 'needs')
    expect(existsSync(join(root, 'schemas/notes.md'))).to.equal(true)
    expect(existsSync(join(root, 'docs'))).to.equal(false)
  })
})
