import { expect } from 'chai'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { inspect } from 'node:util'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import audit from '../../../plasma/audit'
import { startTestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

const newFile = (): string => join(temporaryFolder(), 'audit.log')
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

/** Writes a line, as something that happens does. */
async function write(destination: string): Promise<void> {
  const plasma: Organic.Plasma = new EventBus()
  audit(plasma, { destination })
  await plasma.emit({ type: 'SessionLogin', time: 1, ownerId: 'ada' })
}

describe('the DNA of audit', () => {
  for (const dna of [{}, { source: 'plasma/audit' }, { destination: 'stdout' }]) {
    it(`is accepted: ${inspect(dna)}`, () => {
      audit(new EventBus(), dna)
    })
  }

  const refused: [key: string, values: unknown[]][] = [
    ['destination', ['', null, 1, 2, true, false, ['stdout'], { file: 'x' }]],
    ['destination', ['stdot', 'STDOUT', 'audit.log', 'std out', '.']],
    ['linesPerAddress', [0, -1, 1.5, '60', null, false]],
    ['windowSeconds', [0, 1.5, '60', null, 86_401]],
    ['source', [5, null]],
    ['file', ['audit.log']],
    ['level', ['info']],
    ['reactOn', ['Database']],
  ]
  for (const [key, values] of refused) {
    for (const value of values) {
      it(`is refused, by its key, with the ${key} ${inspect(value)}`, async () => {
        expect(await rejectionOf<DnaError>(() => audit(new EventBus(), { [key]: value }))).to.include({
          name: 'DnaError',
          key,
        })
      })
    }
  }
})

describe('a destination of the audit log without a slash', () => {
  it('is not a file: it may be a typo, and nobody would find the log', async () => {
    const { message } = await rejectionOf(() => startTestCell({ plasma: { audit: { destination: 'stdot' } } }))
    expect(message).to.contain(
      'destination: "stdot" is neither "stdout" nor "stderr": for a file of that name write "./stdot"',
    )
    expect(existsSync('stdot')).to.equal(false)
  })
})

describe('the file of the audit log', () => {
  it('is made with its folder, for its owner alone', async () => {
    const file = join(temporaryFolder(), 'logs/of/today/audit.log')
    await write(file)
    expect(modeOf(file)).to.equal('600')
  })

  it('is for its owner alone, whatever the umask leaves to others', async () => {
    const umask = process.umask(0)
    const file = newFile()
    try {
      await write(file)
    } finally {
      process.umask(umask)
    }
    expect(modeOf(file)).to.equal('600')
  })

  it('is relative to the working directory', async () => {
    const file = newFile()
    await write(relative(process.cwd(), file))
    expect(readFileSync(file, 'utf8')).to.contain('"ada"')
  })

  it('is there from the boot on, and is added to', async () => {
    const file = newFile()
    audit(new EventBus(), { destination: file })
    expect(readFileSync(file, 'utf8')).to.equal('')
    writeFileSync(file, 'what was there\n', { mode: 0o600 })
    await write(file)
    await write(file)
    expect(readFileSync(file, 'utf8')).to.match(/^what was there\n\{[^\n]+\}\n\{[^\n]+\}\n$/)
  })

  it('leaves the folder of the data as it is without it: for its owner alone', async () => {
    const folder = join(temporaryFolder(), 'data')
    const cell = await startTestCell({ data: { folder } })
    await cell.stop()
    expect(existsSync(join(folder, 'audit.log'))).to.equal(true)
    expect(modeOf(folder)).to.equal('700')
  })

  const impossible: [what: string, make: (folder: string) => string][] = [
    ['is a folder', (folder) => folder],
    [
      'is below a file',
      (folder) => {
        writeFileSync(join(folder, 'file'), '')
        return join(folder, 'file/audit.log')
      },
    ],
    ['is in a folder that cannot be made', () => '/sys/nowhere/audit.log'],
    ['has a NUL in its name', (folder) => join(folder, 'a\0b')],
    ['has too long a name', (folder) => join(folder, 'x'.repeat(300))],
  ]
  for (const [what, make] of impossible) {
    it(`stops the boot, with the key, where it ${what}`, async () => {
      const destination = make(temporaryFolder())
      const { message } = await rejectionOf(() => startTestCell({ plasma: { audit: { destination } } }))
      expect(message).to.match(/dna\/(_test\/)?plasma\/audit\.json.*: destination: \S/)
      expect(message).not.to.contain('\n')
    })
  }
})

describe('audit that is switched off', () => {
  it('writes nothing, and everything else goes on', async () => {
    const folder = temporaryFolder()
    const cell = await startTestCell({ data: { folder }, plasma: { audit: false } })
    try {
      const client = cell.client()
      await client.registerAndLogIn()
      expect((await cell.client().post('/api/login', newCredentials())).status).to.equal(401)
      expect((await client.post('/api/logout')).status).to.equal(204)
    } finally {
      await cell.stop()
    }
    expect(existsSync(join(folder, 'audit.log'))).to.equal(false)
  })
})
