import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'

describe('the plasma', () => {
  let plasma: EventBus
  let seen: string[]
  const saw = (what: string) => () => seen.push(what)
  beforeEach(() => {
    plasma = new EventBus()
    seen = []
  })

  it('skips no reaction of an emission under way when another emission takes one off', async () => {
    let go = (): void => undefined
    plasma.once('other', saw('other'))
    plasma.on('begin', () => new Promise<void>((resolve) => (go = resolve)))
    plasma.on('begin', saw('second'))
    plasma.on('begin', saw('third'))

    const emitted = plasma.emit('begin')
    await plasma.emit('other')
    go()
    await emitted
    expect(seen).to.deep.equal(['other', 'second', 'third'])
  })

  it('calls a once reaction once, also when two emissions overlap', async () => {
    plasma.once('twice', saw('it'))
    await Promise.all([plasma.emit('twice'), plasma.emit('twice')])
    await plasma.emit({ type: 'twice' })
    expect(seen).to.deep.equal(['it'])
  })

  it('pipes a chemical once, before any reaction, and calls a reaction that is then added', async () => {
    plasma.on('c', saw('early'))
    plasma.pipe(({ type }) => {
      seen.push(`piped ${type}`)
      plasma.once('c', saw('late'))
    })
    await plasma.emit('c')
    expect(seen).to.deep.equal(['piped c', 'early', 'late'])
  })

  it('awaits its reactions and gives their results, by promise and by callback', async () => {
    plasma.on('sum', () => Promise.resolve(1))
    plasma.on('sum', (_chemical: Organic.Chemical, done: (error: unknown, result: number) => void) => {
      setImmediate(done, null, 2)
    })
    expect(await plasma.emit('sum')).to.deep.equal([1, 2])
    const results = await new Promise((resolve) => void plasma.emit('sum', (_errors, given) => resolve(given)))
    expect(results).to.deep.equal([1, 2])
  })

  it('rejects with the errors of its reactions, and calls all of them', async () => {
    plasma.on('fails', () => {
      throw new Error('first')
    })
    plasma.on('fails', saw('second'))
    const errors: unknown = await plasma.emit('fails').catch((error: unknown) => error)
    expect(errors).to.be.an('array').with.nested.property('[0].message', 'first')
    expect(seen).to.deep.equal(['second'])
  })

  it('gives stored chemicals to reactions that come later', async () => {
    await plasma.store({ type: 'kept', data: 1 })
    let data: unknown
    plasma.on(['kept'], (chemical: Organic.Chemical) => (data = chemical['data']))
    expect(data).to.equal(1)
  })
})
