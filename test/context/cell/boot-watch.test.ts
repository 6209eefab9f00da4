import { expect } from 'chai'
import { BootWatch, attributeError } from '../../../context/cell/boot-watch'
import { DnaError } from '../../../context/cell/dna/error'
import { EventBus } from '../../../context/cell/event-bus'
import { rejectionOf } from '../../support/rejection'

const fail = (): never => {
  throw new Error('on purpose')
}

describe('a boot', () => {
  let plasma: EventBus
  let watch: BootWatch
  beforeEach(() => {
    plasma = new EventBus()
    watch = plasma.watch = new BootWatch()
    watch.watchChemicals(['Ready'])
  })

  const failures: [what: string, reaction: (...values: never[]) => unknown][] = [
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
    [
      'gives an error to its callback',
      (_chemical: unknown, done: (error: Error) => void) => done(new Error('on purpose')),
    ],
    ['throws before its callback', (_chemical: unknown, _done: unknown) => fail()],
  ]
  for (const [what, reaction] of failures) {
    // A reaction to a list gets no callback.
    for (const type of ['Ready', { type: 'Ready' }, ...(reaction.length === 2 ? [] : [['Ready']])]) {
      it(`fails by the name of the organelle whose reaction to ${JSON.stringify(type)} ${what}, whoever emits it`, async () => {
        watch.run('one', () => {
          const on = plasma.on.bind(plasma) as (pattern: unknown, reaction: unknown) => void
          on(type, reaction)
        })
        // As published organelles do: nobody looks at the promise.
        watch.run('two', () => void plasma.emit('Ready'))
        const error = await rejectionOf<DnaError>(() => watch.failed)
        expect(error).to.deep.include({ message: 'on purpose', branch: ['plasma', 'one'] })
      })
    }
  }

  it('knows which organelle registered a reaction later', async () => {
    await watch.run('one', async () => {
      await new Promise(setImmediate)
      plasma.once('Ready', fail)
    })
    await plasma.emit('Ready').catch(() => undefined)
    expect(await rejectionOf(() => watch.failed)).to.have.deep.property('branch', ['plasma', 'one'])
  })

  it('goes on when a reaction to another chemical fails: its emitter gets the error', async () => {
    watch.run('one', () => plasma.on('Other', fail))
    const errors = await plasma.emit('Other').catch((thrown: unknown) => thrown)
    expect(attributeError(errors, undefined)).to.deep.include({ message: 'on purpose', branch: ['plasma', 'one'] })
    expect(await Promise.race([watch.failed, Promise.resolve('still going')])).to.equal('still going')
  })

  it('lets reactions be taken off, and gives their results', async () => {
    watch.run('one', () => {
      plasma.on('Ready', fail)
      plasma.on('Ready', (_chemical, callback) => callback(null, 7))
      plasma.on('Ready', () => 8)
    })
    plasma.off('Ready', fail)
    expect(await plasma.emit('Ready')).to.deep.equal([7, 8])
  })

  it('names whatever was thrown, a list by its first error, and keeps an existing name', () => {
    const thrown = [
      [new Error('x'), 'x'],
      ['x', 'x'],
      [[undefined, new Error('x')], 'x'],
      [undefined, 'undefined'],
    ] as const
    for (const [error, message] of thrown) {
      expect(attributeError(error, 'one')).to.deep.include({ name: 'DnaError', message, branch: ['plasma', 'one'] })
    }
    const error = DnaError.at(['plasma', 'two', 'key'], 'expected')
    expect(attributeError(error, 'one')).to.equal(error).and.to.have.deep.property('branch', ['plasma', 'two'])
  })
})
