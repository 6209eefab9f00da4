import { expect } from 'chai'
import { cellFolder, startTestCell } from '../../support/cell'
import { ownersHere, type CommandEnd } from '../../support/owners-command'
import { redisDnaOf } from '../../support/redis-cell'
import { needRedis, NO_REDIS, redisUrl } from '../../support/redis-server'

describe(`npm run owners, with sessions in Redis (${NO_REDIS})`, () => {
  needRedis()

  it('ends them there, and says why it cannot', async () => {
    const plasma = redisDnaOf(await redisUrl(), { prefix: `test-${crypto.randomUUID()}:`, waitSeconds: 20 })
    const away = redisDnaOf('redis://:unmistakable-secret@127.0.0.1:1', { waitSeconds: 0 })
    const files = (mode: string, dna: Record<string, object>): [path: string, content: object][] =>
      Object.entries(dna).map(([name, content]) => [`dna/${mode}/plasma/${name}.json`, content])
    const root = cellFolder(Object.fromEntries([...files('_redis', plasma), ...files('_away', away)]))
    const data = { folder: `${root}/data` }
    const cell = await startTestCell({ data }, root, '_test+_redis')
    const run = (mode: string, ...parameters: string[]): Promise<CommandEnd> =>
      ownersHere({ CELL_MODE: `_test+${mode}`, CELL_DATA: data.folder }, { root })(parameters, '')
    const [one, two] = [cell.client(), cell.client()]
    const { username } = await one.registerAndLogIn()
    await two.registerAndLogIn()
    expect(await run('_redis', 'end-sessions', username)).to.include({ code: 0 })
    expect([(await one.get('/api/me')).status, (await two.get('/api/me')).status]).to.deep.equal([401, 200])
    const { stderr } = await run('_redis', 'end-all-sessions', '--yes')
    expect(stderr).to.include('This ends all 1 sessions')
    expect((await two.get('/api/me')).status).to.equal(401)
    const failed = await run('_away', 'list')
    expect(failed.code).to.equal(1)
    expect(failed.stderr)
      .to.match(/redis.*127\.0\.0\.1:1 has not answered/)
      .and.not.include('secret')
    await cell.stop()
  })
})
