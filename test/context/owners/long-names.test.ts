import { expect } from 'chai'
import { nameKeyOf } from '../../../context/owners/name-key'
import { rejectionOf } from '../../support/rejection'
import { PASSWORD, TestOwners } from '../../support/test-owners'

/** As many marks as fit in a request. Normalizing them takes as long as many logins. */
const LONG = `a${'\u0301'.repeat(7800)}`

describe('a name of 7,800 combining marks', () => {
  let owners: TestOwners
  before(async () => {
    owners = await TestOwners.open()
  })
  after(() => owners.close())

  /** The length of the longest string that is normalized, or searched for a kind of character, during some work. */
  async function longestDuring(work: () => unknown): Promise<number> {
    let longest = 0
    const [normalize, exec] = [Reflect.get(String.prototype, 'normalize'), Reflect.get(RegExp.prototype, 'exec')]
    String.prototype.normalize = function (form?: string) {
      longest = Math.max(longest, this.length)
      return Reflect.apply(normalize, this, [form])
    }
    RegExp.prototype.exec = function (text) {
      if (this.source.includes('\\p{')) longest = Math.max(longest, text.length)
      return Reflect.apply(exec, this, [text])
    }
    try {
      await work()
    } finally {
      Object.assign(String.prototype, { normalize })
      Object.assign(RegExp.prototype, { exec })
    }
    return longest
  }

  it('is not looked into, wherever it comes from', async () => {
    const { users, admin } = owners
    for (const work of [
      () => users.register({ username: LONG, password: PASSWORD }),
      () => users.register({ username: 'ada', password: PASSWORD, name: LONG }),
      () => users.findByCredentials({ username: LONG, password: PASSWORD }),
      () => users.createOrUpdate({ id: '1', username: LONG }, undefined, 'there'),
      () => admin.create(LONG, PASSWORD),
      () => admin.find(LONG),
    ])
      expect(await longestDuring(() => rejectionOf(work)), String(work)).to.be.below(300)
    for (const work of [() => users.claimedId({ username: LONG }), () => nameKeyOf(LONG)])
      expect(await longestDuring(work), String(work)).to.equal(0)
    expect(await longestDuring(() => users.claimedId({ username: 'ada' }))).to.equal(3)
  })
})
