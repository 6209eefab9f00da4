import { expect } from 'chai'
import { EventBus } from '../../../context/cell/event-bus'
import redisOrganelle from '../../../plasma/redis'
import { keepErrorLog } from '../../support/error-log'
import { needRedis, NO_REDIS, redisUrl } from '../../support/redis-server'
import { runScript } from '../../support/process'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

const AWAY = 'redis://:unmistakable-secret@127.0.0.1:1'

describe('the redis organelle', () => {
  keepErrorLog()
  let plasma: EventBus
  beforeEach(() => {
    plasma = new EventBus()
  })

  const once = <T extends string>(type: T): Promise<Organic.Chemical<T>> =>
    new Promise((resolve) => {
      plasma.once(type, resolve)
    })

  describe(`with a server (${NO_REDIS})`, () => {
    needRedis()

    it('stores the open Redis, whatever its ready chemical is called, and closes it at killed, not at kill', async () => {
      const [stored, ready] = [once('Redis'), once('Ready')]
      redisOrganelle(plasma, { emitReady: 'Ready', url: await redisUrl() })
      const { data } = await stored
      expect((await ready)['data']).to.equal(data)
      const ping = (): Promise<string> => data.run((commands) => commands.ping())
      await plasma.emit('kill')
      expect(await ping()).to.equal('PONG')
      await plasma.emit('killed')
      expect(await rejectionOf(ping)).to.include({ status: 503, code: 'STORE_UNAVAILABLE' })
    })
  })

  it('stops the boot, with the key and without the password, if nothing answers', async () => {
    const failed = once('CellFailed')
    const dna = { emitReady: 'Redis', url: AWAY, waitSeconds: 0 }
    redisOrganelle(plasma, dna)
    const { dna: failing, error } = await failed
    expect(failing).to.equal(dna)
    expect(error).to.include({ name: 'DnaError', key: 'url' })
    expect((error as Error).message)
      .to.match(/redis:\/\/127\.0\.0\.1:1 has not answered within 0 s/)
      .and.not.include('secret')
    expect(plasma.has({ type: 'Redis' })).to.equal(false)
  })

  it('leaves nothing open if the cell ends while it waits', async () => {
    const failed = once('CellFailed')
    redisOrganelle(plasma, { emitReady: 'Redis', url: AWAY, waitSeconds: 3600 })
    await plasma.emit('killed')
    await failed
  })

  it('is not loaded, nor anything else for Redis, by a cell whose DNA does not ask for it', async () => {
    const script = `
      const { startCell } = require('./cell')
      startCell({ mode: '_test' }).then(async (cell) => {
        console.log(JSON.stringify(Object.keys(require.cache).filter((file) => file.slice(process.cwd().length).includes('redis'))))
        await cell.stop()
      })`
    const { code, stdout, stderr } = await runScript(script, { CELL_DATA: temporaryFolder() })
    expect([code, stdout, stderr]).to.deep.equal([0, '[]\n', ''])
  })

  it('refuses DNA of others, with the key and without what is in the URL', async () => {
    for (const [changes, key] of [
      [{ emitReady: undefined }, 'emitReady'],
      // Nothing comes before it.
      [{ reactOn: 'CellBuilt' }, 'reactOn'],
      [{ url: undefined }, 'url'],
      [{ url: 'localhost:unmistakable-secret' }, 'url'],
      [{ url: 'http://:unmistakable-secret@localhost' }, 'url'],
      [{ url: 'redis://' }, 'url'],
      [{ url: 'redis://localhost/unmistakable-secret' }, 'url'],
      [{ cluster: true, url: 'unix:///run/redis.sock' }, 'cluster'],
      [{ cluster: true, url: 'redis://localhost/1' }, 'cluster'],
      [{ prefix: 'cell*' }, 'prefix'],
      [{ prefix: '{cell}' }, 'prefix'],
      [{ connectTimeout: 0 }, 'connectTimeout'],
      [{ commandTimeout: 0.5 }, 'commandTimeout'],
      [{ waitSeconds: -1 }, 'waitSeconds'],
    ] as const) {
      const error = await rejectionOf(() => redisOrganelle(plasma, { emitReady: 'Redis', url: AWAY, ...changes }))
      expect(error, JSON.stringify(changes)).to.include({ name: 'DnaError', key })
      expect(error.message).not.to.include('secret')
    }
  })
})
