import { expect } from 'chai'
import { Client } from '../../support/client'
import { CellProcess } from '../../support/process'
import { copyProject } from '../../support/project'
import { answer, javascript, typescript } from '../../support/route-app'
import { temporaryFolder } from '../../support/temporary-folder'

/** Where the text `index` may come from: the project's folder, or nowhere. */
for (const name of ['index-of-things', 'my-index', 'project']) {
  describe(`a whole cell in a folder called ${name}`, () => {
    let client: Client
    let cell: CellProcess

    before(async () => {
      const folder = copyProject(
        {
          'routes/api/about.ts': typescript(`"GET": ${answer('about')}`),
          'routes/api/aindex-report.js': javascript(`"GET": ${answer('report')}`),
          'routes/api/zzz/deep/er.ts': typescript(`"GET": ${answer('deeper')}`),
        },
        name,
      )
      cell = new CellProcess(folder, { CELL_MODE: '_test', CELL_DATA: temporaryFolder() })
      client = new Client(await cell.ready())
    })
    after(() => cell.end())

    for (const url of ['/api', '/api/me', '/api/about', '/api/aindex-report', '/api/zzz/deep/er']) {
      it(`guards ${url}`, async () => {
        expect((await client.get(url)).status).to.equal(401)
      })
    }

    it('lets pass who is logged in', async () => {
      const visitor = new Client(client.address)
      const credentials = { username: name, password: 'correct horse battery' }
      await visitor.post('/api/register', credentials)
      await visitor.post('/api/login', credentials)
      for (const url of ['/api/me', '/api/about', '/api/aindex-report', '/api/zzz/deep/er']) {
        expect((await visitor.get(url)).status, url).to.equal(200)
      }
    })
  })
}
