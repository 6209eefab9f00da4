import { expect } from 'chai'
import type { SessionData } from 'express-session'
import { rejectionOf } from '../../../support/rejection'
import { uncaughtDuring } from '../../../support/uncaught'
import { newId, newSession } from '../store-calls'
import type { TestedStore } from './open-store'

/** How a store saves sessions, and fails to. */
export function describeSavedSessions(tested: TestedStore): void {
  it('saves each session under its own id, until it is destroyed', async () => {
    const calls = tested.create()
    const fields = { ownerId: 'owner-1', note: 'ünïcödé 😀 "quoted"\n' }
    const [{ id }, other] = [await calls.create(fields), await calls.create({ note: 'other' })]
    expect(await calls.get(id)).to.deep.include(fields)
    expect((await calls.get(id))?.cookie).to.include({ path: '/', httpOnly: true })
    expect((await calls.get(other.id))?.note).to.equal('other')
    await calls.set(id, newSession({ note: 'of somebody who has not loaded it' }))
    expect((await calls.get(id))?.note).to.include('not loaded')
    for (let times = 0; times < 2; times += 1) {
      await calls.destroy(id)
      expect(await calls.get(id)).to.equal(null)
    }
  })

  it('writes a session again only if it has changed or a touch is due: express-session saves a login twice', async () => {
    const changes: Record<string, (session: SessionData) => unknown> = {
      nothing: () => undefined,
      'its fields': (session) => Object.assign(session, { note: 'changed' }),
      'its cookie': (session) => (session.cookie.maxAge = 5000),
    }
    for (const touch of [10_000, 0])
      for (const [what, change] of Object.entries(changes)) {
        const calls = tested.create({ touch })
        const session = await calls.create()
        await tested.opened.corrupt(session.id)
        change(session)
        await calls.set(session.id, session)
        const isWritten = await calls.get(session.id).then(Boolean, () => false)
        expect(isWritten, `${what}, with a touch due after ${touch} ms`).to.equal(touch === 0 || what !== 'nothing')
      }
  })

  it('writes a session again after a write that failed', async () => {
    const calls = tested.create({ touch: 10_000 })
    const session = await calls.create()
    Object.assign(session, { note: 'changed' })
    await tested.opened.disconnect()
    try {
      await rejectionOf(() => calls.set(session.id, session))
    } finally {
      await tested.opened.reconnect()
    }
    await calls.set(session.id, session)
    expect((await calls.get(session.id))?.note).to.equal('changed')
  })

  it('writes a session again if it is changed back while a change is being written', async () => {
    const calls = tested.create({ touch: 10_000 })
    const session = await calls.create({ note: 'first' })
    const rows = calls.store as unknown as { updateRow: (...change: unknown[]) => Promise<void> }
    const updateRow = rows.updateRow.bind(calls.store)
    let isWritten: (() => void) | undefined
    const writing = new Promise<void>((resolve) => (isWritten = resolve))
    rows.updateRow = async (...change) => {
      rows.updateRow = updateRow
      await updateRow(...change)
      isWritten?.()
      // The answer to this write comes after the next one.
      await new Promise(setImmediate)
    }
    const second = calls.set(session.id, Object.assign(session, { note: 'second' }))
    await writing
    await calls.set(session.id, Object.assign(session, { note: 'first' }))
    await second
    expect((await calls.get(session.id))?.note).to.equal('first')
  })

  it('writes no session id anywhere', async () => {
    const calls = tested.create()
    const { id } = await calls.create({ ownerId: 'owner-of-bytes' })
    const loaded = await calls.load(id)
    const successor = newSession({ ownerId: 'owner-of-bytes' })
    await calls.set(id, Object.assign(loaded, { note: 'x' }))
    await calls.store.replace(loaded, successor)
    const bytes = await tested.opened.bytes()
    expect(['owner-of-bytes', id, successor.id].map((part) => bytes.includes(part))).to.deep.equal([true, false, false])
  })

  it('fails with an error, and never with an answer, without a connection (OWASP ASVS 16.5.3)', async () => {
    const calls = tested.create()
    const { store } = calls
    const { id } = await calls.create()
    const loaded = await calls.load(id)
    const questions: Record<string, () => Promise<unknown>> = {
      get: () => calls.get(newId()),
      'set, of a new session': () => calls.create(),
      'set, of a loaded session': () => calls.set(id, loaded),
      touch: () => calls.touch(id, loaded),
      destroy: () => calls.destroy(newId()),
      listOwnerSessions: () => store.listOwnerSessions('owner-1'),
      endOwnerSessions: () => store.endOwnerSessions('owner-1'),
      replace: () => store.replace(newSession(), newSession()),
      count: () => store.count(),
      endAll: () => store.endAll(),
      ...(tested.opened.deletesExpired ? {} : { deleteExpired: () => store.deleteExpired(10) }),
    }
    await tested.opened.disconnect()
    try {
      for (const [what, ask] of Object.entries(questions))
        expect(await rejectionOf(ask), what).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    } finally {
      await tested.opened.reconnect()
    }
    expect(await calls.get(id)).not.to.equal(null)
  })

  it('fails without saying what is in a session that cannot be read', async () => {
    const calls = tested.create()
    const { id } = await calls.create({ ownerId: 'owner-unread' })
    await tested.opened.corrupt(id)
    for (const ask of [() => calls.get(id), () => calls.store.listOwnerSessions('owner-unread')]) {
      const error = await rejectionOf(ask)
      expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
      expect(error.message).not.to.include('secret').and.not.include(id)
      expect(error.cause).to.equal(undefined)
    }
  })

  it('calls back once, and does not take errors of the callback for its own', async () => {
    const calls = tested.create({ touch: 0 })
    const { store } = calls
    const { id } = await calls.create()
    const loaded = await calls.load(id)
    let count = 0
    const fail = (): never => {
      throw new Error(`call ${(count += 1)}`)
    }
    const uncaught = await uncaughtDuring(async () => {
      store.get(newId(), fail)
      store.set(newId(), newSession(), fail)
      store.destroy(newId(), fail)
      store.touch?.(id, loaded, fail)
      // By the time that this has been answered, a second call would have come.
      while (count < 4) await new Promise(setImmediate)
      for (let times = 0; times < 5; times += 1) await tested.create().create()
    })
    expect(uncaught).to.deep.equal(['call 1', 'call 2', 'call 3', 'call 4'])
  })

  it('calls back before it returns if a touch is not due: express-session sends the answer in two pieces otherwise', async () => {
    const calls = tested.create({ touch: 10_000 })
    const { id } = await calls.create()
    const loaded = await calls.load(id)
    let isDone = false
    calls.store.touch?.(id, loaded, () => (isDone = true))
    expect(isDone).to.equal(true)
  })
}
