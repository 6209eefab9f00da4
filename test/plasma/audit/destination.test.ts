import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { openFileDestination, openStreamDestination } from '../../../plasma/audit/destination'
import { temporaryFolder } from '../../support/temporary-folder'
import { keepWarnings } from '../../support/warnings'

describe('where audit lines go', () => {
  keepWarnings()

  it('is no pipe with a name: whoever reads it could stop the cell', () => {
    const pipe = join(temporaryFolder(), 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(() => openFileDestination(pipe)).to.throw('is a pipe')
  })

  it('begins a new line after one that may have been broken off', async () => {
    const stream = new PassThrough({ autoDestroy: false })
    const destination = openStreamDestination(stream as unknown as NodeJS.WriteStream)
    stream.write('{"half":')
    stream.emit('error', new Error('ENOSPC'))
    destination.write('{"whole":1}\n')
    destination.write('{"whole":2}\n')
    await destination.end()
    stream.end()
    expect((await text(stream)).split('\n').slice(1, 3)).to.deep.equal(['{"whole":1}', '{"whole":2}'])
  })
})
