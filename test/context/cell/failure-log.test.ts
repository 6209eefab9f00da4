import { expect } from 'chai'
import { BootWatch } from '../../../context/cell/boot-watch'
import { emitEvent } from '../../../context/cell/chemicals'
import { EventBus } from '../../../context/cell/event-bus'
import { logFailures } from '../../../context/cell/failure-log'
import { react } from '../../../context/cell/reactions'

const settled = (): Promise<void> => new Promise(setImmediate)
const fail = (): never => {
  throw new Error('on purpose')
}

describe('in a cell that runs', () => {
  const original = process.emitWarning.bind(process)
  let plasma: EventBus
  let watch: BootWatch
  let warnings: string[]
  let details: string[]

  beforeEach(() => {
    warnings = []
    details = []
    process.emitWarning = ((warning: string, { detail = '' }: { detail?: string } = {}) => {
      warnings.push(warning)
      details.push(detail)
    }) as typeof process.emitWarning
    plasma = new EventBus()
    watch = plasma.watch = new BootWatch()
  })
  afterEach(() => {
    process.emitWarning = original
  })

  /** An organelle that reacts while the cell boots, and the end of the boot. */
  function boot(pattern: unknown, reaction: unknown): void {
    watch.run('notes', () => (plasma.on.bind(plasma) as (...values: unknown[]) => void)(pattern, reaction))
    plasma.watch = undefined
    watch.end()
    logFailures(plasma, (dna) => (dna === undefined ? undefined : 'notes'))
  }

  const reactions: [what: string, reaction: (...values: never[]) => unknown][] = [
    ['throws', () => fail()],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
    ['fails later', () => settled().then(fail)],
    // As queries of some databases are: no promise, but `await` sends them.
    [
      'gives what can be awaited and fails',
      () => ({ then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('on purpose')) }),
    ],
    [
      'gives an error to its callback',
      (_chemical: unknown, done: (error: Error) => void) => done(new Error('on purpose')),
    ],
    ['throws before its callback', (_chemical: unknown, _done: unknown) => fail()],
  ]
  for (const [what, reaction] of reactions) {
    for (const pattern of ['Written', { type: 'Written' }, ...(reaction.length === 2 ? [] : [['Written', 'Other']])]) {
      it(`a reaction to ${JSON.stringify(pattern)} that ${what} is reported by its organelle, with the stack, and stops nobody`, async () => {
        boot(pattern, reaction)
        let others = 0
        plasma.on('Written', () => (others += 1))
        await plasma.store('Other')
        // As published organelles do: nobody looks at the promise, whose rejection would end the process.
        void plasma.emit('Written')
        for (let turn = 0; turn < 3; turn += 1) await settled()
        expect(others).to.equal(1)
        expect(warnings).to.have.length(1)
        expect(warnings[0]).to.match(/^plasma\/notes: its reaction to Written(, Other)? failed: on purpose$/)
        expect(details[0]).to.match(/^Error: on purpose\n +at .*failure-log\.test\.ts/)
      })
    }
  }

  it('a reaction may throw what cannot be a string', async () => {
    boot('Written', () => Promise.reject(Object.create(null) as Error))
    void plasma.emit('Written')
    await settled()
    expect(warnings).to.deep.equal(['plasma/notes: its reaction to Written failed: [object Object]'])
  })

  it('whoever emits still gets the failure, and an event is reported once', async () => {
    boot('Written', fail)
    const errors: unknown = await plasma.emit('Written').catch((thrown: unknown) => thrown)
    expect(errors).to.have.nested.property('[0].message', 'on purpose')
    emitEvent(plasma, { type: 'Written' })
    await settled()
    expect(warnings).to.deep.equal(Array(2).fill('plasma/notes: its reaction to Written failed: on purpose'))
  })

  it('reactions that came later have no name, and keep the stack', async () => {
    boot('Nothing', fail)
    plasma.on('Written', fail)
    emitEvent(plasma, { type: 'Written' })
    await settled()
    expect(warnings).to.deep.equal(['a reaction to Written failed: on purpose'])
    expect(details[0]).to.include('failure-log.test.ts')
  })

  it('an organelle that waited for an event is reported when its work fails', async () => {
    boot('Nothing', fail)
    react(plasma, { reactOn: 'Written' }, fail)
    void plasma.emit('Written')
    await settled()
    void plasma.emit({ type: 'CellFailed', error: 'no error' })
    await settled()
    expect(warnings).to.deep.equal(['plasma/notes failed: on purpose', 'an organelle failed: no error'])
  })

  it('a reaction that fails at every request cannot fill a disk: the rest are counted', async () => {
    boot('Written', fail)
    for (let count = 0; count < 70; count += 1) emitEvent(plasma, { type: 'Written' })
    await settled()
    expect(warnings).to.have.length(60)
    await plasma.emit('killed')
    expect(warnings.at(-1)).to.equal('plasma/notes: its reaction to Written failed 10 more times')
  })

  it('a reaction gets the chemical, its context and its callback as before, and its result goes to the emitter', async () => {
    const context = { own: true }
    boot('Nothing', fail)
    const on = plasma.on.bind(plasma) as (...values: unknown[]) => void
    on(
      'Written',
      function (this: unknown) {
        return this
      },
      context,
    )
    on('Written', ({ data }: { data: number }, done: (error: unknown, result: number) => void) => done(null, data + 1))
    expect(await plasma.emit({ type: 'Written', data: 1 })).to.deep.equal([context, 2])
    expect(warnings).to.deep.equal([])
  })
})
