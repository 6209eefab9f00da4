import { expect } from 'chai'
import { nameKeyOf } from '../../../context/owners/kind'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'

const MARK = '\u0301'
/** As many marks as fit in a request. Normalizing them takes as long as many logins. */
const LONG = `a${MARK.repeat(7800)}`

describe('a name of 7,800 combining marks', () => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open()
  })
  after(() => owners.close())

  /** The lengths of the strings with the mark that are normalized, or searched for a kind of character, during some work. */
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

  const username = LONG
  const sources: [what: string, work: () => Promise<unknown>][] = [
    ['a registration', () => owners.users.register({ username, password: PASSWORD })],
    ['a display name', () => owners.users.register({ username: 'ada', password: PASSWORD, name: LONG })],
    ['a login', () => owners.users.findByCredentials({ username, password: PASSWORD })],
    ['a trust point', () => owners.users.createOrUpdate({ id: '1', username }, undefined, 'there')],
    ['an operator who creates an owner', () => owners.admin.create(LONG, PASSWORD)],
    ['an operator who looks for an owner', () => owners.admin.find(LONG)],
  ]
  for (const [what, work] of sources) {
    it(`is not looked into if it comes from ${what}`, async () => {
      expect(Math.max(0, ...(await lengthsSeen(() => rejectionOf(work))))).to.be.below(300)
    })
  }

  it('is not looked into for audit logs or by throttles, as shorter ones are', async () => {
    expect(await lengthsSeen(() => owners.users.claimedId({ username }))).to.deep.equal([])
    expect(await lengthsSeen(() => nameKeyOf(LONG))).to.deep.equal([])
    expect(await lengthsSeen(() => owners.users.claimedId({ username: `a${MARK}` }))).to.include(2)
  })
})
