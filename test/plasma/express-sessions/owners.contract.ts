import { expect } from 'chai'
import { stoppedClock } from '../../support/clock'
import { rejectionOf } from '../../support/rejection'
import { LONG, openedStore, type MadeStore, type OpenSessionStore } from './opened-store'
import { StoreCalls, newId, newSession } from './store-calls'

/** What every session store must do that knows whose its sessions are (OWASP ASVS 7.5.2). */
export function describeOwnerSessions(name: string, open: () => Promise<OpenSessionStore>): void {
  describe(`${name}, and the owners of its sessions`, () => {
    const opened = openedStore(open)
    const clock = stoppedClock()
    let store: MadeStore
    let calls: StoreCalls
    let owner: string
    let other: string

    beforeEach(() => {
      store = opened.store().make({ ...LONG, touch: 0 })
      calls = new StoreCalls(store)
      owner = `owner-${crypto.randomUUID()}`
      other = `owner-${crypto.randomUUID()}`
    })

    /** Keeps a session, a little later than whatever was kept before. @returns its id */
    async function kept(ownerId: unknown, req?: object): Promise<string> {
      const id = newId()
      clock.pass(10)
      await calls.set(id, Object.defineProperty({ ...newSession(), ownerId }, 'req', { value: req }))
      return id
    }

    /** Uses a session, a little later than whatever was kept before. */
    async function use(id: string, req: object = {}): Promise<void> {
      clock.pass(10)
      const session = await calls.load(id)
      Object.assign(Reflect.get(session, 'req') as object, req)
      await calls.touch(id, session)
    }

    const handlesOf = async (ownerId: string): Promise<string[]> =>
      (await store.listOfOwner(ownerId)).map(({ handle }) => handle)
    const handles = (...ids: string[]): string[] => ids.map((id) => store.handleOf({ id }))

    describe('names a session', () => {
      it('always by the same handle, that is neither its id, nor of any use as one', async () => {
        const id = await kept(owner)
        const [handle = ''] = handles(id)
        expect(handles(id, newId()))
          .to.include(handle)
          .and.satisfy(([one, other]: string[]) => one !== other)
        expect(handle)
          .to.match(/^[\w-]{43}$/)
          .and.not.include(id)
        expect(id).not.to.include(handle)
        expect(await calls.get(handle)).to.equal(null)
      })
    })

    describe('tells the sessions of an owner', () => {
      it('with when and from where they were used, and what is in them', async () => {
        const id = await kept(owner, { ip: '192.0.2.7', headers: { 'user-agent': 'Firefox' } })
        const createdAt = Date.now()
        clock.pass(5000)
        await use(id, { ip: '2001:db8::1', headers: { 'user-agent': 'Lynx' } })
        const [{ data, ...session } = expect.fail('nothing is listed'), ...others] = await store.listOfOwner(owner)
        expect(others).to.deep.equal([])
        const times = { createdAt, seenAt: createdAt + 5010, expiresAt: createdAt + 5010 + LONG.idle }
        expect(session).to.deep.equal({
          handle: store.handleOf({ id }),
          ...times,
          address: '2001:db8::1',
          agent: 'Lynx',
        })
        expect(data).to.include({ ownerId: owner })
      })

      for (const [what, req] of [
        ['no request', undefined],
        ['a request without address and agent', { headers: {} }],
        [
          'a request whose address and agent are no texts',
          { ip: { toString: 1 }, headers: { 'user-agent': ['Firefox'] } },
        ],
      ] as const) {
        it(`with null where ${what} says it`, async () => {
          await kept(owner, req)
          expect((await store.listOfOwner(owner))[0]).to.include({ address: null, agent: null })
        })
      }

      it('the last seen first', async () => {
        const [one, two, three] = [await kept(owner), await kept(owner), await kept(owner)]
        expect(await handlesOf(owner)).to.deep.equal(handles(three, two, one))
        await use(two)
        expect(await handlesOf(owner)).to.deep.equal(handles(two, three, one))
      })

      it('a hundred of them, and not the one that was seen before all those', async () => {
        const ids = []
        for (let i = 0; i < 101; i += 1) ids.push(await kept(owner))
        expect(await handlesOf(owner)).to.deep.equal(handles(...ids.slice(1).reverse()))
      })

      it('and none that is over, or was destroyed, or that he has left', async () => {
        await kept(owner)
        clock.pass(LONG.idle - 10)
        const [alive, destroyed, left] = [await kept(owner), await kept(owner), await kept(owner)]
        await calls.destroy(destroyed)
        await calls.set(left, Object.assign(await calls.load(left), { ownerId: other }))
        expect(await handlesOf(owner)).to.deep.equal(handles(alive))
      })

      it("and never another's, nobody's, or those of a name that is only like his", async () => {
        const id = await kept(owner)
        for (const others of [other, owner.toUpperCase(), `${owner} `, undefined]) await kept(others)
        expect(await handlesOf(owner)).to.deep.equal(handles(id))
        for (const nobody of ['', '%', 'null', 'undefined', owner.slice(0, -1), `${owner}' OR '1'='1`]) {
          expect(await handlesOf(nobody), nobody).to.deep.equal([])
        }
      })
    })

    describe('ends sessions of an owner', () => {
      it('all of them, and says which', async () => {
        const [one, two, others] = [await kept(owner), await kept(owner), await kept(other)]
        expect(await store.endOfOwner(owner))
          .to.have.members(handles(one, two))
          .and.have.length(2)
        for (const ended of [one, two]) expect(await opened.store().kept(ended)).to.equal(undefined)
        expect(await calls.get(others)).not.to.equal(null)
        expect(await store.endOfOwner(owner)).to.deep.equal([])
      })

      it('only one, once', async () => {
        const [one, two] = [await kept(owner), await kept(owner)]
        const only = store.handleOf({ id: one })
        expect(await store.endOfOwner(owner, { only })).to.deep.equal([only])
        expect([await calls.get(one), await handlesOf(owner)]).to.deep.equal([null, handles(two)])
        expect(await store.endOfOwner(owner, { only })).to.deep.equal([])
      })

      it('all but one', async () => {
        const [one, two, three, others] = [await kept(owner), await kept(owner), await kept(owner), await kept(other)]
        expect(await store.endOfOwner(owner, { except: store.handleOf({ id: two }) }))
          .to.have.members(handles(one, three))
          .and.have.length(2)
        expect([await handlesOf(owner), await handlesOf(other)]).to.deep.equal([handles(two), handles(others)])
      })

      it("never another's, who names it rightly, and does not say that there is such a session", async () => {
        const [mine, his] = [await kept(owner), await kept(other)]
        expect(await store.endOfOwner(owner, { only: store.handleOf({ id: his }) })).to.deep.equal([])
        await store.endOfOwner(owner, { except: store.handleOf({ id: his }) })
        expect([await handlesOf(owner), await handlesOf(other)]).to.deep.equal([[], handles(his)])
        expect(await opened.store().kept(mine)).to.equal(undefined)
      })

      it('none where it is named by what is no handle', async () => {
        const id = await kept(owner)
        const handle = store.handleOf({ id })
        for (const only of [
          '',
          '\0',
          `${handle}\0`,
          `${handle} `,
          handle.slice(0, -1),
          '%',
          id,
          'x'.repeat(100_000),
          "' OR '1'='1",
        ]) {
          expect(await store.endOfOwner(owner, { only }), JSON.stringify(only.slice(0, 50))).to.deep.equal([])
        }
        expect(await handlesOf(owner)).to.deep.equal([handle])
      })

      it('and does not count one that was over before', async () => {
        await kept(owner)
        clock.pass(LONG.idle)
        expect(await store.endOfOwner(owner)).to.deep.equal([])
      })

      it('for good: a request that was in flight does not bring one back (OWASP ASVS 7.4.1)', async () => {
        const id = await kept(owner)
        const loaded = await calls.load(id)
        await store.endOfOwner(owner, { except: store.handleOf({ id: newId() }) })
        await calls.set(id, Object.assign(loaded, { note: 'late' }))
        await calls.touch(id, loaded)
        expect([await calls.get(id), await handlesOf(owner)]).to.deep.equal([null, []])
      })
    })

    for (const [what, ask] of [
      ['which sessions an owner has', () => store.listOfOwner(owner)],
      ['that his sessions have ended', () => store.endOfOwner(owner)],
    ] as const) {
      it(`says neither yes nor no while it fails, when it is to say ${what} (OWASP ASVS 16.5.3)`, async () => {
        const id = await kept(owner)
        await opened.store().fail()
        try {
          expect(await rejectionOf(ask)).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
        } finally {
          await opened.store().recover()
        }
        expect(await handlesOf(owner)).to.deep.equal(handles(id))
      })
    }
  })
}
