import { expect } from 'chai'
import type { RequestSession, SessionStore } from '../../../../context/cell/session-store'
import { stoppedClock } from '../../../support/clock'
import { newId, newSession, type StoreCalls } from '../store-calls'
import { LONG, type TestedStore } from './open-store'

/** How a store finds and ends the sessions of an owner (OWASP ASVS 7.5.2). */
export function describeOwnersOfSessions(tested: TestedStore): void {
  describe('knows whose sessions they are', () => {
    const clock = stoppedClock()
    let calls: StoreCalls
    let store: SessionStore
    let owner: string
    let other: string

    beforeEach(() => {
      calls = tested.create()
      ;({ store } = calls)
      owner = `owner-${crypto.randomUUID()}`
      other = `owner-${crypto.randomUUID()}`
    })

    /** Saves a session, a little later than whatever was saved before. */
    async function create(ownerId: unknown = owner, req?: object): Promise<RequestSession> {
      clock.pass(10)
      const session = Object.defineProperty(newSession({ ownerId }), 'req', { value: req })
      await calls.set(session.id, session)
      return session
    }
    const list = async (ownerId = owner): Promise<string[]> =>
      (await store.listOfOwner(ownerId)).map(({ handle }) => handle)
    const handles = (...sessions: RequestSession[]): string[] => sessions.map((session) => store.handleOf(session))

    it('and names each by a handle, which is useless as an id', async () => {
      const unsaved = newSession({ ownerId: owner })
      const handle = store.handleOf(unsaved)
      await calls.set(unsaved.id, unsaved)
      const loaded = await calls.load(unsaved.id)
      expect([...handles(unsaved, loaded), ...(await list())]).to.deep.equal([handle, handle, handle])
      expect(handle)
        .to.match(/^[\w-]{43}$/)
        .and.not.equal(store.handleOf(await create()))
      expect(handle).not.to.include(unsaved.id)
      expect(await calls.get(handle)).to.equal(null)
    })

    it('and lists them with when and from where they were used', async () => {
      const session = await create(owner, { ip: '192.0.2.7', headers: { 'user-agent': 'Firefox' } })
      const createdAt = Date.now()
      clock.pass(5000)
      const loaded = await calls.load(session.id)
      Object.assign(Reflect.get(loaded, 'req') as object, { ip: '2001:db8::1', headers: { 'user-agent': 'Lynx' } })
      await calls.touch(session.id, loaded)
      const [{ data, ...stored } = expect.fail('nothing is listed'), ...others] = await store.listOfOwner(owner)
      expect(others).to.deep.equal([])
      const times = { createdAt, seenAt: createdAt + 5000, expiresAt: createdAt + 5000 + LONG.idle }
      expect(stored).to.deep.equal({ handle: store.handleOf(session), ...times, address: '2001:db8::1', agent: 'Lynx' })
      expect(data).to.include({ ownerId: owner })
    })

    for (const req of [undefined, { headers: {} }, { ip: { toString: 1 }, headers: { 'user-agent': ['Firefox'] } }]) {
      it(`and lists address and agent as null for a request ${JSON.stringify(req)}`, async () => {
        await create(owner, req)
        expect((await store.listOfOwner(owner))[0]).to.include({ address: null, agent: null })
      })
    }

    it('and lists at most 100, the last used first', async () => {
      const [first, second, ...more] = [await create(), await create(), await create(), await create()]
      for (let count = 0; count < 97; count += 1) more.push(await create())
      clock.pass(10)
      await calls.touch(first.id, await calls.load(first.id))
      expect(await list()).to.deep.equal(handles(...[...more, first].slice(-100).reverse()))
      expect(await calls.get(second.id)).not.to.equal(null)
    })

    it('and lists none that has ended, expired, or become somebody else’s', async () => {
      await create()
      clock.pass(LONG.idle - 10)
      const [alive, destroyed, left] = [await create(), await create(), await create()]
      await calls.destroy(destroyed.id)
      await calls.set(left.id, Object.assign(await calls.load(left.id), { ownerId: other }))
      expect([await list(), await list(other)]).to.deep.equal([handles(alive), handles(left)])
    })

    it('by the exact id, be it a string or a number', async () => {
      const mine = await create()
      const numbered = await create(Number.MAX_SAFE_INTEGER)
      for (const others of [owner.toUpperCase(), `${owner} `, null, { $ne: '' }]) await create(others)
      expect(await list()).to.deep.equal(handles(mine))
      expect(await list(String(Number.MAX_SAFE_INTEGER))).to.deep.equal(handles(numbered))
      for (const nobody of [
        '',
        '%',
        '*',
        'null',
        'undefined',
        '[object Object]',
        owner.slice(0, -1),
        `${owner}' OR 1=1`,
      ])
        expect([await list(nobody), await store.endOfOwner(nobody)], nobody).to.deep.equal([[], []])
    })

    it('and ends all of an owner’s, only one, or all but one, and says which it ended', async () => {
      const [one, two, three, theirs] = [await create(), await create(), await create(), await create(other)]
      const [first = '', second = '', third = ''] = handles(one, two, three)
      expect(await store.endOfOwner(owner, { only: first })).to.deep.equal([first])
      expect(await store.endOfOwner(owner, { only: first })).to.deep.equal([])
      expect([await calls.get(one.id), await list()]).to.deep.equal([null, [third, second]])
      expect(await store.endOfOwner(owner, { except: second })).to.deep.equal([third])
      expect([await calls.get(three.id), await list()]).to.deep.equal([null, [second]])
      expect(await store.endOfOwner(owner)).to.deep.equal([second])
      expect(await store.endOfOwner(owner)).to.deep.equal([])
      expect(await list(other)).to.deep.equal(handles(theirs))
    })

    it('and ends none for another owner, who names it rightly', async () => {
      const [theirs] = [await create(other), await create()]
      const [handle = ''] = handles(theirs)
      expect(await store.endOfOwner(owner, { only: handle })).to.deep.equal([])
      await store.endOfOwner(owner, { except: handle })
      expect([await list(), await list(other)]).to.deep.equal([[], [handle]])
    })

    it('and ends none for what is no handle', async () => {
      const session = await create()
      const [handle = ''] = handles(session)
      const others = ['', '\0', `${handle}\0`, `${handle} `, handle.slice(0, -1), '%', '*', session.id, 'x'.repeat(1e5)]
      for (const only of others) expect(await store.endOfOwner(owner, { only }), only.slice(0, 50)).to.deep.equal([])
      expect(await list()).to.deep.equal([handle])
    })

    it('and does not say that it ended one that had expired', async () => {
      await create()
      clock.pass(LONG.idle)
      expect(await store.endOfOwner(owner)).to.deep.equal([])
    })

    it('and replaces a session by another one with its handle, again and again', async () => {
      const [session, others] = [await create(), await create()]
      const [handle = '', otherHandle = ''] = handles(session, others)
      let [former, current] = [session, newSession({ ownerId: owner, note: '0' })]
      expect(await store.replace(former, current)).to.equal(true)
      for (let times = 1; times <= 6; times += 1) {
        // Requests load what the one before has saved.
        ;[former, current] = [await calls.load(current.id), newSession({ ownerId: owner, note: String(times) })]
        clock.pass(10)
        expect(await store.replace(former, current)).to.equal(true)
      }
      expect([await calls.get(session.id), await calls.get(former.id)]).to.deep.equal([null, null])
      expect((await calls.get(current.id))?.note).to.equal('6')
      expect([handles(current), await list()]).to.deep.equal([[handle], [handle, otherHandle]])
      expect((await store.listOfOwner(owner))[0]?.createdAt).to.equal(Date.now())
      expect(await store.endOfOwner(owner, { except: handle })).to.deep.equal([otherHandle])
      expect(await store.endOfOwner(owner, { only: handle })).to.deep.equal([handle])
      expect(await calls.get(current.id)).to.equal(null)
    })

    it('and replaces none that it does not have, and none by one that it has', async () => {
      const [session, taken] = [await create(), await create()]
      const successor = newSession({ ownerId: owner })
      expect(await store.replace(newSession({ ownerId: owner }), successor)).to.equal(false)
      await calls.set(successor.id, successor)
      expect(await calls.get(successor.id)).to.equal(null)
      // A write that fails has no half: the session that was to be replaced is still there.
      await store.replace(session, { ...newSession(), id: taken.id }).catch(() => undefined)
      expect(await list()).to.deep.equal(handles(taken, session))
    })

    it('and ends all sessions of everybody', async () => {
      await create(null)
      const session = await create()
      await store.endAll()
      expect([await store.count(), await calls.get(session.id), await calls.get(newId())]).to.deep.equal([
        0,
        null,
        null,
      ])
    })
  })
}
