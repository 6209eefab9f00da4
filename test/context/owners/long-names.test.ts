import { expect } from 'chai'
import { closeDatabase } from '../../../context/sql'
import { nameKeyOf } from '../../../context/owners/kind'
import { Owners } from '../../../context/owners/administration'
import User from '../../../context/models/user'
import { rejectionOf } from '../../support/rejection'
import { openTestDatabase } from '../../support/test-database'

const MARK = '\u0301'
/** As many as fit in a request. Normalizing them takes as long as many logins. */
const LONG = `a${MARK.repeat(7800)}`
const password = 'correct horse battery'

describe('a name of 7,800 combining marks', () => {
  before(() => openTestDatabase())
  after(closeDatabase)

  /** The lengths of what was normalized, or searched for a kind of character, meanwhile, and has the mark in it. */
  async function lengthsSeen(work: () => unknown): Promise<number[]> {
    const lengths: number[] = []
    const see = (value: string): void => {
      if (value.includes(MARK)) lengths.push(value.length)
    }
    const normalize = Object.getOwnPropertyDescriptor(String.prototype, 'normalize') ?? {}
    const exec = Object.getOwnPropertyDescriptor(RegExp.prototype, 'exec') ?? {}
    Object.assign(String.prototype, {
      normalize(this: string, form?: string) {
        see(this)
        return (normalize.value as typeof String.prototype.normalize).call(this, form)
      },
    })
    Object.assign(RegExp.prototype, {
      exec(this: RegExp, text: string) {
        if (this.source.includes('\\p{')) see(text)
        return (exec.value as typeof RegExp.prototype.exec).call(this, text)
      },
    })
    try {
      await work()
    } finally {
      Object.defineProperty(String.prototype, 'normalize', normalize)
      Object.defineProperty(RegExp.prototype, 'exec', exec)
    }
    return lengths
  }

  const refused = (work: () => Promise<unknown>) => () => rejectionOf(work)
  const asked: [what: string, work: () => unknown][] = [
    ['a registration', refused(() => User.register({ username: LONG, password }))],
    ['a registration, as the display name', refused(() => User.register({ username: 'ada', password, name: LONG }))],
    ['a login', refused(() => User.findByCredentials({ username: LONG, password }))],
    ['the search for whose name it is', () => User.claimedId({ username: LONG, password })],
    ['a trust point', refused(() => User.createOrUpdate({ id: '1', username: LONG }, undefined, 'there'))],
    ['an operator who makes an owner', refused(() => new Owners(User.kind).create(LONG, password))],
    ['an operator who looks for an owner', refused(() => new Owners(User.kind).find(LONG))],
    ['whoever counts attempts by name', () => nameKeyOf(LONG)],
  ]
  for (const [what, work] of asked) {
    it(`is not looked into, when it comes from ${what}`, async () => {
      expect(Math.max(0, ...(await lengthsSeen(work)))).to.be.below(300)
    })
  }

  it('is checked if it is short enough', async () => {
    expect(await lengthsSeen(() => User.claimedId({ username: `a${MARK}` }))).to.include(2)
  })
})
