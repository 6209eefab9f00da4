import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'

describe('the plasma', () => {
  it('skips no reaction of an emission under way when another emission takes one off', async () => {
    const plasma = new EventBus()
    const seen: string[] = []
    let go = (): void => undefined
    plasma.once('other', () => seen.push('other'))
    plasma.on('begin', () => new Promise<void>((resolve) => (go = resolve)))
    plasma.on('begin', () => seen.push('second'))
    plasma.on('begin', () => seen.push('third'))

    const emitted = plasma.emit('begin')
    await plasma.emit('other')
    go()
    await emitted
    expect(seen).to.deep.equal(['other', 'second', 'third'])
  })

  it('calls a once reaction once, also when two emissions overlap', async () => {
    const plasma = new EventBus()
    let calls = 0
    plasma.once('twice', () => (calls += 1))
    await Promise.all([plasma.emit('twice'), plasma.emit('twice')])
    await plasma.emit({ type: 'twice' })
    expect(calls).to.equal(1)
  })

  it('tells whoever is piped once, before any reaction, and calls a reaction that it then adds', async () => {
    const plasma = new EventBus()
    const seen: string[] = []
    plasma.on('c', () => seen.push('early'))
    plasma.pipe(({ type }) => {
      seen.push(`piped ${type}`)
      plasma.once('c', () => seen.push('late'))
    })
    await plasma.emit('c')
    expect(seen).to.deep.equal(['piped c', 'early', 'late'])
  })

  it('awaits its reactions and gives their results, by promise and by callback', async () => {
    const plasma = new EventBus()
    plasma.on('sum', () => Promise.resolve(1))
    plasma.on('sum', (_chemical: Organic.Chemical, done: (error: unknown, result: number) => void) => {
      setImmediate(done, null, 2)
    })
    expect(await plasma.emit('sum')).to.deep.equal([1, 2])
    const results = await new Promise((resolve) => {
      void plasma.emit('sum', (_errors, given) => {
        resolve(given)
      })
    })
    expect(results).to.deep.equal([1, 2])
  })

  it('rejects with the errors of its reactions, and calls all of them', async () => {
    const plasma = new EventBus()
    let called = false
    plasma.on('fails', () => {
      throw new Error('first')
    })
    plasma.on('fails', () => {
      called = true
    })
    const errors: unknown = await plasma.emit('fails').catch((error: unknown) => error)
    expect(errors).to.be.an('array').with.nested.property('[0].message', 'first')
    expect(called).to.equal(true)
  })

  it('gives stored chemicals to reactions that come later', async () => {
    const plasma = new EventBus()
    await plasma.store({ type: 'kept', data: 1 })
    let data: unknown
    plasma.on(['kept'], (chemical: Organic.Chemical) => (data = chemical['data']))
    expect(data).to.equal(1)
    expect(plasma.has({ type: 'kept' })).to.equal(true)
  })
})
