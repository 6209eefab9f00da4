import { expect } from 'chai'
import { createHash } from 'node:crypto'
import type { Redis } from '../../../../context/redis'
import { RedisStore } from '../../../../plasma/express-sessions/stores/redis'
import { needRedis, NO_REDIS } from '../../../support/redis-server'
import { rejectionOf } from '../../../support/rejection'
import { newSession, type StoreCalls } from '../store-calls'
import { LONG, TestedStore } from './open-store'
import { openRedisStore } from './redis'

/** For how long Redis keeps what has expired. */
const KEPT = 5 * 60 * 1000
const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

describe(`the session store "redis", below its contract (${NO_REDIS})`, () => {
  needRedis()
  const tested = new TestedStore(openRedisStore)
  let calls: StoreCalls
  let owner: string
  beforeEach(() => {
    ;({ redis } = tested.opened as Awaited<ReturnType<typeof openRedisStore>>)
    calls = tested.create()
    owner = `owner-${crypto.randomUUID()}`
  })

  let redis: Awaited<ReturnType<typeof openRedisStore>>['redis']
  const evaluate = (text: string, key: string, ...parameters: string[]): Promise<unknown> =>
    redis.run((commands) => commands.eval(`return redis.call(${text})`, { keys: [key], arguments: parameters }))
  const ownerKey = (): string => redis.key('owner', hashOf(owner))
  const members = (): Promise<string[]> => redis.run((commands) => commands.zRange(ownerKey(), 0, -1))
  const list = async (): Promise<string[]> => (await calls.store.listOwnerSessions(owner)).map(({ handle }) => handle)

  it('lets Redis delete every key, some minutes after it has expired', async () => {
    const { id } = await calls.create({ ownerId: owner })
    for (const key of [redis.key('session', hashOf(id)), ownerKey()]) {
      const ttl = Number(await evaluate("'PTTL', KEYS[1]", key))
      expect(ttl)
        .to.be.above(KEPT)
        .and.at.most(LONG.idle + KEPT)
    }
  })

  it('lists and ends sessions again that were touched after the set of their owner was lost', async () => {
    const session = await calls.create({ ownerId: owner })
    await evaluate("'DEL', KEYS[1]", ownerKey())
    expect(await list()).to.deep.equal([])
    await calls.touch(session.id, await calls.load(session.id))
    expect(await list()).to.deep.equal([hashOf(session.id)])
    expect(await calls.store.endOwnerSessions(owner)).to.deep.equal([hashOf(session.id)])
  })

  it('names no session that was logged out, nor one that expired long ago', async () => {
    await evaluate("'ZADD', KEYS[1], ARGV[1], ARGV[2]", ownerKey(), String(Date.now() - KEPT - 1000), 'expired')
    const [one, two] = [await calls.create({ ownerId: owner }), await calls.create({ ownerId: owner })]
    await calls.destroy(one.id)
    expect(await members()).to.deep.equal([hashOf(two.id)])
  })

  it('removes no name whose row may be about to come', async () => {
    await evaluate("'ZADD', KEYS[1], ARGV[1], ARGV[2]", ownerKey(), String(Date.now() + 1000), 'to come')
    expect([await list(), await calls.store.endOwnerSessions(owner)]).to.deep.equal([[], []])
    expect(await members()).to.deep.equal(['to come'])
  })

  it('ends more sessions of an owner than it reads at once', async () => {
    const sessions = Array.from({ length: 1001 }, () => newSession({ ownerId: owner }))
    await Promise.all(sessions.map((session) => calls.set(session.id, session)))
    expect(await list()).to.have.length(100)
    expect(await calls.store.endOwnerSessions(owner)).to.have.members(sessions.map(({ id }) => hashOf(id)))
    expect([await list(), await members()]).to.deep.equal([[], []])
  })

  describe('ends a session that is replaced after it was found,', () => {
    /** A store that finds sessions, and then lets them be replaced once before it goes on. */
    function storeThatIsOvertaken(replace: () => Promise<unknown>): RedisStore {
      let isOvertaken = false
      const overtake = async (): Promise<void> => {
        if (!isOvertaken) {
          isOvertaken = true
          expect(await replace()).to.equal(true)
        }
      }
      const overtaken = {
        ...redis,
        async run<T>(command: Parameters<typeof redis.run<T>>[0]): Promise<T> {
          const answer = await redis.run(command)
          if (Array.isArray(answer)) await overtake()
          return answer
        },
        async *findKeys(kind: string) {
          for await (const keys of redis.findKeys(kind)) {
            await overtake()
            yield keys
          }
        },
      }
      return new RedisStore(overtaken as unknown as Redis, LONG)
    }

    for (const [how, end] of [
      ['of an owner', (store: RedisStore) => store.endOwnerSessions(owner)],
      ['by its handle', (store: RedisStore, handle: string) => store.endOwnerSessions(owner, { only: handle })],
      ['with all others', (store: RedisStore) => store.endAll()],
    ] as const) {
      it(how, async () => {
        const session = await calls.create({ ownerId: owner })
        const successor = newSession({ ownerId: owner })
        const store = storeThatIsOvertaken(() => calls.store.replace(session, successor))
        await end(store, calls.store.handleOf(session))
        expect([await list(), await calls.get(successor.id)]).to.deep.equal([[], null])
      })
    }
  })

  it('fails where a row has lost a part of it, and takes it for no session', async () => {
    const { id } = await calls.create({ ownerId: owner })
    await evaluate("'HDEL', KEYS[1], 'data'", redis.key('session', hashOf(id)))
    expect(await rejectionOf(() => calls.get(id))).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    await evaluate("'DEL', KEYS[1]", redis.key('session', hashOf(id)))
    await evaluate("'SET', KEYS[1], 'x'", redis.key('session', hashOf(id)))
    expect(await rejectionOf(() => calls.get(id))).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    await evaluate("'DEL', KEYS[1]", redis.key('session', hashOf(id)))
  })
})
