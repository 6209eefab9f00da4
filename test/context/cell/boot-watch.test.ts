import { expect } from 'chai'
import { BootWatch, locate } from '../../../context/cell/boot-watch'
import { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import { rejectionOf } from '../../support/rejection'

describe('a boot', () => {
  const watched = (): { plasma: EventBus; watch: BootWatch } => {
    const plasma = new EventBus()
    const watch = new BootWatch()
    watch.watchChemicals(['Ready'])
    plasma.watch = watch
    return { plasma, watch }
  }

  const failures: [what: string, reaction: (...values: never[]) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('on purpose')
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
    [
      'gives an error to its callback',
      (_chemical: unknown, callback: (error: Error) => void) => {
        callback(new Error('on purpose'))
      },
    ],
    [
      'throws before its callback',
      (_chemical: unknown, _callback: unknown) => {
        throw new Error('on purpose')
      },
    ],
  ]
  for (const [what, reaction] of failures) {
    // A reaction to a list gets no callback.
    for (const type of ['Ready', { type: 'Ready' }, ...(reaction.length === 2 ? [] : [['Ready']])]) {
      it(`fails with the name of the organelle whose reaction to ${JSON.stringify(type)} ${what}, whoever emits it`, async () => {
        const { plasma, watch } = watched()
        watch.run('one', () => {
          const on = plasma.on.bind(plasma) as (pattern: unknown, reaction: unknown) => void
          on(type, reaction)
        })
        // As published organelles do: nobody looks at what becomes of it.
        watch.run('two', () => {
          void plasma.emit('Ready')
        })
        const error = await rejectionOf<DnaError>(() => watch.failed)
        expect(error).to.include({ message: 'on purpose' })
        expect(error.branch).to.deep.equal(['plasma', 'one'])
      })
    }
  }

  it('knows which organelle registered a reaction later', async () => {
    const { plasma, watch } = watched()
    await watch.run('one', async () => {
      await new Promise(setImmediate)
      plasma.once('Ready', () => {
        throw new Error('on purpose')
      })
    })
    await rejectionOf(() =>
      plasma.emit('Ready').catch((errors: unknown) => {
        throw locate(errors, undefined)
      }),
    )
    expect((await rejectionOf<DnaError>(() => watch.failed)).branch).to.deep.equal(['plasma', 'one'])
  })

  it('goes on when a reaction to another chemical fails: its emitter gets the error', async () => {
    const { plasma, watch } = watched()
    watch.run('one', () => {
      plasma.on('Other', () => {
        throw new Error('on purpose')
      })
    })
    const errors = await plasma.emit('Other').catch((thrown: unknown) => thrown)
    expect(locate(errors, undefined)).to.deep.include({ message: 'on purpose', branch: ['plasma', 'one'] })
    expect(await Promise.race([watch.failed, Promise.resolve('still going')])).to.equal('still going')
  })

  it('lets reactions be taken off as ever, and gives callbacks their results', async () => {
    const { plasma, watch } = watched()
    const reaction = (): void => expect.fail('was taken off')
    watch.run('one', () => {
      plasma.on('Ready', reaction)
      plasma.on('Ready', (_chemical, callback) => {
        callback(null, 7)
      })
      plasma.on('Ready', () => 8)
    })
    plasma.off('Ready', reaction)
    expect(await plasma.emit('Ready')).to.deep.equal([7, 8])
  })

  it('names whatever was thrown, a list of errors by its first one, and keeps an existing name', () => {
    const thrown: [error: unknown, message: string][] = [
      [new Error('an error'), 'an error'],
      ['a text', 'a text'],
      [[undefined, new Error('in a list')], 'in a list'],
      [undefined, 'undefined'],
    ]
    for (const [error, message] of thrown) {
      expect(locate(error, 'one')).to.deep.include({ name: 'DnaError', message, branch: ['plasma', 'one'] })
    }
    const error = new DnaError('key', 'expected')
    error.branch = ['plasma', 'two']
    expect(locate(error, 'one')).to.equal(error).and.to.have.deep.property('branch', ['plasma', 'two'])
  })
})
