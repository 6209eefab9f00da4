import { expect } from 'chai'
import type { RequestSession, SessionStore } from '../../../../context/cell/session-store'
import { stoppedClock } from '../../../support/clock'
import { newSession, type StoreCalls } from '../store-calls'
import { LONG, type TestedStore } from './open-store'

/** How a store finds and ends the sessions of an owner (OWASP ASVS 7.5.2). */
export function describeOwnersOfSessions(tested: TestedStore): void {
  describe('knows the owners of sessions: it', () => {
    const clock = stoppedClock()
    let calls: StoreCalls
    let store: SessionStore
    let owner: string
    let other: string

    beforeEach(() => {
      calls = tested.create()
      store = calls.store
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
      (await store.listOwnerSessions(ownerId)).map(({ handle }) => handle)
    const handles = (...sessions: RequestSession[]): string[] => sessions.map((session) => store.handleOf(session))

    it('names each session by a handle, which is useless as an id', async () => {
      const unsaved = newSession({ ownerId: owner })
      const handle = store.handleOf(unsaved)
      await calls.set(unsaved.id, unsaved)
      expect([...handles(unsaved, await calls.load(unsaved.id)), ...(await list())]).to.deep.equal([
        handle,
        handle,
        handle,
      ])
      expect(handle).to.match(/^[\w-]{43}$/)
      expect([await calls.get(handle), handle.includes(unsaved.id)]).to.deep.equal([null, false])
    })

    it('lists them with when and from where they were used', async () => {
      const session = await create(owner, { ip: '192.0.2.7', headers: { 'user-agent': 'Firefox' } })
      const createdAt = Date.now()
      clock.pass(5000)
      const loaded = await calls.load(session.id)
      Object.assign(Reflect.get(loaded, 'req') as object, { ip: '2001:db8::1', headers: { 'user-agent': 'Lynx' } })
      await calls.touch(session.id, loaded)
      const [{ data, ...stored } = expect.fail('nothing is listed')] = await store.listOwnerSessions(owner)
      const times = { createdAt, seenAt: createdAt + 5000, expiresAt: createdAt + 5000 + LONG.idle }
      expect(stored).to.deep.equal({ handle: store.handleOf(session), ...times, address: '2001:db8::1', agent: 'Lynx' })
      expect(data).to.include({ ownerId: owner })
      await create(other, { ip: { toString: 1 }, headers: { 'user-agent': ['Firefox'] } })
      expect((await store.listOwnerSessions(other))[0]).to.include({ address: null, agent: null })
    })

    it('lists at most 100, the last used first', async () => {
      const sessions = []
      for (let count = 0; count < 101; count += 1) sessions.push(await create())
      const [first = expect.fail(), second, ...others] = sessions
      clock.pass(10)
      await calls.touch(first.id, await calls.load(first.id))
      expect(await list()).to.deep.equal(handles(...others, first).reverse())
      expect(second && (await calls.get(second.id))).to.include({ ownerId: owner })
    })

    it('lists none that has expired, ended or changed its owner', async () => {
      await create()
      clock.pass(LONG.idle - 10)
      const [alive, destroyed, left] = [await create(), await create(), await create()]
      await calls.destroy(destroyed.id)
      await calls.set(left.id, Object.assign(await calls.load(left.id), { ownerId: other }))
      expect([await list(), await list(other)]).to.deep.equal([handles(alive), handles(left)])
    })

    it('takes ids of owners exactly, be they strings or numbers', async () => {
      const [mine, numbered] = [await create(), await create(Number.MAX_SAFE_INTEGER)]
      for (const others of [owner.toUpperCase(), `${owner} `, null, { $ne: '' }]) await create(others)
      expect(await list()).to.deep.equal(handles(mine))
      expect(await list(String(Number.MAX_SAFE_INTEGER))).to.deep.equal(handles(numbered))
      for (const nobody of ['', '%', '*', 'null', '[object Object]', owner.slice(0, -1), `${owner}' OR '1'='1`])
        expect([await list(nobody), await store.endOwnerSessions(nobody)], nobody).to.deep.equal([[], []])
    })

    it('ends only one session of an owner, all but one, or all, and returns which', async () => {
      const [one, two, three, theirs] = [await create(), await create(), await create(), await create(other)]
      const [first = '', second = '', third = ''] = handles(one, two, three)
      expect(await store.endOwnerSessions(owner, { only: first })).to.deep.equal([first])
      expect(await store.endOwnerSessions(owner, { only: first })).to.deep.equal([])
      expect([await calls.get(one.id), await list()]).to.deep.equal([null, [third, second]])
      expect(await store.endOwnerSessions(owner, { except: second })).to.deep.equal([third])
      expect([await calls.get(three.id), await list()]).to.deep.equal([null, [second]])
      expect(await store.endOwnerSessions(owner)).to.deep.equal([second])
      expect([await list(), await list(other)]).to.deep.equal([[], handles(theirs)])
    })

    it('ends none for another owner, for a string that is no handle, or that has expired', async () => {
      const [mine, theirs] = [await create(), await create(other)]
      const [handle = '', foreign = ''] = handles(mine, theirs)
      const others = ['', '\0', `${handle}\0`, `${handle} `, handle.slice(0, -1), '%', '*', mine.id, 'x'.repeat(1e5)]
      for (const only of [foreign, ...others]) expect(await store.endOwnerSessions(owner, { only })).to.deep.equal([])
      expect(await list()).to.deep.equal([handle])
      expect(await store.endOwnerSessions(owner, { except: foreign })).to.deep.equal([handle])
      expect(await list(other)).to.deep.equal([foreign])
      clock.pass(LONG.idle)
      expect(await store.endOwnerSessions(other)).to.deep.equal([])
    })

    it('replaces a session by one with its handle, again and again', async () => {
      const [session, others] = [await create(), await create()]
      const [handle = '', otherHandle = ''] = handles(session, others)
      let current = session
      for (let times = 1; times <= 7; times += 1) {
        const former = await calls.load(current.id)
        current = newSession({ ownerId: owner, note: times })
        clock.pass(10)
        expect(await store.replace(former, current)).to.equal(true)
        expect(await calls.get(former.id)).to.equal(null)
      }
      expect([handles(current), await list()]).to.deep.equal([[handle], [handle, otherHandle]])
      expect((await store.listOwnerSessions(owner))[0])
        .to.deep.include({ createdAt: Date.now() })
        .and.have.nested.property('data.note', 7)
      expect(await store.endOwnerSessions(owner, { except: handle })).to.deep.equal([otherHandle])
      expect(await store.endOwnerSessions(owner, { only: handle })).to.deep.equal([handle])
      expect(await calls.get(current.id)).to.equal(null)
    })

    it('replaces no session that has ended, and none by half', async () => {
      const [session, taken] = [await create(), await create()]
      const successor = newSession({ ownerId: owner })
      expect(await store.replace(newSession({ ownerId: owner }), successor)).to.equal(false)
      await calls.set(successor.id, successor)
      expect(await calls.get(successor.id)).to.equal(null)
      await store.replace(session, { ...newSession(), id: taken.id }).catch(() => undefined)
      expect(await list()).to.deep.equal(handles(taken, session))
    })
  })
}
