import { expect } from 'chai'
import { closeDatabase, database, openDatabase } from '../../../context/sql'
import { newCredentials } from '../../support/client'
import { RestartableCell } from '../../support/restartable-cell'

describe('a database that another process has locked', () => {
  let cell: RestartableCell

  before(async () => {
    cell = await new RestartableCell().start()
    await openDatabase(cell.file)
  })
  after(async () => {
    await closeDatabase()
    await cell.stop()
  })

  /** Nobody else writes while this works. */
  function locked(work: () => Promise<void>): Promise<void> {
    return database().transaction().execute(work)
  }

  it('answers 503 to whatever is to be written, lets nobody in and logs nobody out (OWASP ASVS 16.5.3)', async () => {
    const { client, credentials } = await cell.owner()
    await locked(async () => {
      const written = await Promise.all([
        cell.client().post('/api/register', newCredentials()),
        cell.client().post('/api/login', credentials),
        client.copy().post('/api/logout'),
        client.copy().send('DELETE', '/api/sessions'),
      ])
      expect(written.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503])
      for (const { headers } of written) {
        expect(Number(headers.get('retry-after'))).to.be.within(1, 60)
        expect(headers.getSetCookie()).to.deep.equal([])
      }
      expect((await client.get('/api/me')).status).to.equal(200)
    })
    expect((await client.get('/api/me')).status).to.equal(200)
    expect((await cell.client().post('/api/login', credentials)).status).to.equal(200)
    expect((await client.post('/api/logout')).status).to.equal(204)
    expect((await client.get('/api/me')).status).to.equal(401)
  })

  it('holds up nobody who only reads, however many want to write', async () => {
    const { client } = await cell.owner()
    await locked(async () => {
      let written = 0
      const writing = Promise.all(
        Array.from({ length: 20 }, async () => {
          await cell.client().post('/api/register', newCredentials())
          written += 1
        }),
      )
      for (let read = 0; read < 5; read += 1) expect((await client.get('/api/me')).status).to.equal(200)
      expect(written, 'writes that came first').to.equal(0)
      await writing
    })
  })

  it('is waited for where it is locked for a moment only', async () => {
    let registering: Promise<number> | undefined
    await locked(async () => {
      registering = cell
        .client()
        .post('/api/register', newCredentials())
        .then(({ status }) => status)
      await new Promise((resolve) => setTimeout(resolve, 300))
    })
    expect(await registering).to.equal(201)
  })
})
