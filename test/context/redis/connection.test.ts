import { expect } from 'chai'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { Redis } from '../../../context/redis'
import { keepErrorLog } from '../../support/error-log'
import { listen } from '../../support/listening'
import { needRedisServer, NO_REDIS_SERVER, RedisServer, redisOptions } from '../../support/redis-server'
import { rejectionOf } from '../../support/rejection'
import { until } from '../../support/until'

const PASSWORD = 'unmistakable-secret'
/** For tests in which the server does not answer. Where it does, a busy machine needs more. */
const HURRIED = { connectTimeout: 1000, commandTimeout: 200 }

describe(`a connection to Redis (${NO_REDIS_SERVER})`, () => {
  needRedisServer()
  const log = keepErrorLog()
  let server: RedisServer
  let redis: Redis

  beforeEach(async () => {
    server = await RedisServer.start()
    redis = await Redis.open(await redisOptions({ url: server.url }))
  })
  afterEach(async () => {
    redis.close()
    await server.stop()
  })

  /** Opens it anew, with times that the test can wait for. */
  async function hurry(): Promise<void> {
    redis.close()
    redis = await Redis.open(await redisOptions({ ...HURRIED, url: server.url }))
    await until(isBack)
    log.length = 0
  }
  const write = (): Promise<unknown> =>
    redis.run((commands) => commands.eval("return redis.call('SET', KEYS[1], 1)", { keys: ['x'] }))
  const isBack = (): Promise<boolean> => write().then(Boolean, () => false)

  /** Fails as a store does, and tells only the log why. */
  async function expectUnavailable(): Promise<void> {
    const error = await rejectionOf(write)
    expect(error).to.include({ status: 503, code: 'STORE_UNAVAILABLE', retryAfter: 5 })
    expect(error.message).not.to.match(/redis|127\.0\.0\.1/i)
    expect((error.cause as Error).message).to.include(`redis://127.0.0.1:${server.port}: `)
  }

  it('comes back by itself when the server was stopped, and says so once each', async () => {
    for (let times = 1; times <= 2; times += 1) {
      await server.stop()
      for (let count = 0; count < 5; count += 1) await expectUnavailable()
      await server.start()
      await until(isBack)
      expect(log).to.have.length(2 * times)
      expect(log.at(-2)).to.match(/^redis: redis:\/\/127\.0\.0\.1:\d+ cannot be used, and is tried again and again: /)
      expect(log.at(-1)).to.match(/^redis: redis:\/\/127\.0\.0\.1:\d+ answers again$/)
    }
  })

  it('waits for a server that hangs no longer than it is told, and comes back by itself', async () => {
    await hurry()
    server.signal('SIGSTOP')
    await expectUnavailable()
    // The connection has been dropped: no other command waits.
    const all = await Promise.all(Array.from({ length: 100 }, () => rejectionOf(write)))
    for (const error of all) expect((error.cause as Error).message).to.match(/offline|no answer within 200 ms/)
    server.signal('SIGCONT')
    await until(isBack)
    expect(log[0]).to.include('no answer within 200 ms')
    expect(log.at(-1)).to.match(/answers again$/)
  })

  it('does not run later what it has given up', async () => {
    await hurry()
    const writes = async (): Promise<number> => {
      const [, calls = '0'] =
        /cmdstat_eval:calls=(\d+)/.exec(String(await server.command('INFO', 'commandstats'))) ?? []
      return Number(calls)
    }
    const before = await writes()
    server.signal('SIGSTOP')
    await expectUnavailable()
    await expectUnavailable()
    server.signal('SIGCONT')
    await until(() => redis.run((commands) => commands.ping()).then(Boolean, () => false))
    // The first one was sent before.
    expect((await writes()) - before).to.be.at.most(1)
  })

  it('fails while the server is read-only, and finds the one that is not any more', async () => {
    await server.command('REPLICAOF', '127.0.0.1', '1')
    const clients = async (): Promise<string> => String(await server.command('CLIENT', 'LIST'))
    const [before] = /^id=\d+/.exec(await clients()) ?? []
    await expectUnavailable()
    await server.command('REPLICAOF', 'NO', 'ONE')
    await until(isBack)
    expect(await clients()).not.to.include(`${before ?? ''} `)
  })

  for (const [why, ...change] of [
    ['has no memory left', 'CONFIG', 'SET', 'maxmemory', '1'],
    ['takes no commands of this user', 'ACL', 'SETUSER', 'default', '-@write', '-@scripting'],
  ] as const) {
    it(`fails while the server ${why}`, async () => {
      await server.command(...change)
      await expectUnavailable()
      expect(await redis.run((commands) => commands.ping())).to.equal('PONG')
    })
  }

  describe('that is opened', () => {
    it('waits for a server that is not there yet, and says so once', async () => {
      await server.stop()
      const opening = redisOptions({ url: server.url }).then((options) => Redis.open(options))
      await until(() => log.filter((line) => line.includes('ECONNREFUSED')).length === 1)
      await server.start()
      const opened = await opening
      expect(await opened.run((commands) => commands.ping())).to.equal('PONG')
      opened.close()
    })

    it('fails in the end, with the place and the cause, and without the password', async () => {
      const silent = await listen(createServer((socket) => socket.resume()))
      // As a server does that does not know the command by which the client sends its password.
      const refusal = `-ERR unknown command 'HELLO', with args beginning with: '3' 'AUTH' 'default' '${PASSWORD}'\r\n`
      const old = await listen(createServer((socket) => socket.on('data', () => socket.write(refusal))))
      for (const [url, cause] of [
        ['redis://user:PASSWORD@127.0.0.1:1/3', 'ECONNREFUSED'],
        [`redis://:PASSWORD@${new URL(silent.address).host}`, ''],
        [`redis://nobody:PASSWORD@127.0.0.1:${server.port}`, 'WRONGPASS'],
        [`redis://:PASSWORD@${new URL(old.address).host}`, "unknown command 'HELLO'"],
        ['redis://:PASSWORD@no-such-host.invalid', 'ENOTFOUND|EAI_AGAIN'],
        ['unix:///no/such.sock', 'ENOENT'],
      ] as const) {
        for (const cluster of url.startsWith('unix') ? [false] : [false, true]) {
          const options = await redisOptions({
            ...(cause === '' ? HURRIED : {}),
            url: url.replace('PASSWORD', PASSWORD),
            cluster,
            waitSeconds: 1,
          })
          const error = await rejectionOf(() => Redis.open(options))
          expect(error.message).to.match(new RegExp(`^\\w+://[^@]* has not answered within 1 s: .*(${cause})`))
          expect(inspect(error) + log.join()).not.to.include(PASSWORD)
        }
      }
      await Promise.all([silent.stop(), old.stop()])
    })
  })
})
