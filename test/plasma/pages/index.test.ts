import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { cellFolder, startTestCell, type TestCell } from '../../support/cell'
import { keepErrorLog } from '../../support/error-log'
import { rejectionOf } from '../../support/rejection'
import { Visitor } from '../../support/visitor'

const TEMPLATES = 'context/pages/templates'
const OWN_ROUTE = `const { pagesOf } = require(${JSON.stringify(`${process.cwd()}/context/pages`)})
module.exports = (plasma) => ({
  'GET': (req, res) => pagesOf(plasma).send(req, res, { template: 'greeting', data: { title: 'Hello', name: req.query.name } }),
  'GET /broken': (req, res) => pagesOf(plasma).send(req, res, { template: 'greeting', data: {} }),
  'GET /own-code': (req, res, next) => next(Object.assign(new Error('x'), { status: 402 })),
})`
const GREETING = `<% layout('@layout', { width: 'narrow' }) %>
<h1>Hello <%= it.name.trim() %></h1>`

describe('pages of a team’s own', () => {
  const log = keepErrorLog()
  let cell: TestCell | undefined
  afterEach(async () => {
    await cell?.stop()
    cell = undefined
  })

  async function start(files: Record<string, unknown>, pages: object = {}): Promise<Visitor> {
    const own = Object.fromEntries(Object.entries(files).map(([path, content]) => [`branding/${path}`, content]))
    const root = cellFolder({ ...own, 'routes/own/index.js': OWN_ROUTE })
    const routes = { source: 'plasma/express-routes', emitReady: 'Own', path: 'routes/own', mount: '/own' }
    const reactOn = ['ExpressServer', 'ExpressSessions', 'Pages']
    const plasma = { pages: { folder: 'branding', ...pages }, own: { ...routes, reactOn } }
    cell = await startTestCell({ plasma }, root)
    return new Visitor(cell.address ?? '')
  }

  it('have the name, the words, the templates, the stylesheet and the mark of a team, and ours for the rest', async () => {
    const visitor = await start(
      {
        'templates/start.eta': `<% layout('@layout', { width: 'narrow' }) %>\n<h1>Our own start</h1>`,
        'texts/en.json': { 'login.submit': 'Enter', 'code.SEAT_TAKEN': 'Sit elsewhere.' },
        'texts/fr.json': { 'login.title': 'Connexion', 'login.submit': 'Entrer' },
        'style.css': 'body { color: pink }',
        'mark.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
      },
      { name: 'Ada’s <books>' },
    )
    const { page, text } = await visitor.visit('/')
    expect(page.text).to.include('Our own start')
    expect(page.title).to.equal('Ada’s <books>')
    const [style = '', mark = ''] = ['style', 'mark'].map((name) => new RegExp(`/assets/${name}[^"]+`).exec(text)?.[0])
    expect((await visitor.get(style)).text).to.equal('body { color: pink }')
    expect((await visitor.get(mark)).text).to.equal('<svg xmlns="http://www.w3.org/2000/svg"/>')
    const english = await visitor.visit('/login')
    expect(english.page.text)
      .to.include('Log in to Ada’s <books>')
      .and.match(/ Enter /)
    const french = await visitor.visit('/login', { 'accept-language': 'fr-CA' })
    expect([french.page.language, french.page.title]).to.deep.equal(['fr', 'Connexion · Ada’s <books>'])
    expect(french.page.text).to.include('Entrer').and.include('Username')
    const german = await visitor.visit('/login', { 'accept-language': 'de' })
    expect(german.page.text).to.include('Bei Ada’s <books> anmelden')
  })

  it('render templates of a team’s own, which escape what they write (OWASP ASVS 1.2.1)', async () => {
    const visitor = await start({ 'templates/greeting.eta': GREETING })
    const { page, text } = await visitor.visit('/own?name=<script>"%27%26')
    expect(text).to.include('<h1>Hello &lt;script&gt;&quot;&#39;&amp;</h1>')
    expect(page.title).to.equal('Hello · Organic cell')
    const broken = await visitor.visit('/own/broken')
    expect([broken.status, broken.page.title]).to.deep.equal([500, 'Something went wrong · Organic cell'])
    expect(broken.page.text).to.not.include('trim').and.not.include('greeting')
    // The log has the line of the template.
    expect(log.join()).to.match(/>> 2\| <h1>Hello/)
    const unknown = await visitor.visit('/own/own-code')
    expect([unknown.status, unknown.page.title]).to.deep.equal([402, 'This did not work · Organic cell'])
  })

  it('are plain if the template of errors fails, and the log says why', async () => {
    const visitor = await start({ 'templates/error.eta': '<%= it.nothing.there %>' })
    const { status, text } = await visitor.visit('/nothing')
    expect(status).to.equal(404)
    expect(text).to.include('<h1>Not Found</h1>')
    expect(log.join()).to.include('the page of an error cannot be shown').and.include('it.nothing.there')
  })

  it('stop the boot at a fault, with the file and the place', async () => {
    const { message } = await rejectionOf(() => start({ 'templates/login.eta': 'a\n<%= it.x' }))
    expect(message).to.match(/^dna\/.*pages\.json: folder: .*templates.login\.eta:2: unclosed tag$/)
  })

  it('stop the boot at a folder that does not exist, and at a key that does not', async () => {
    const { message } = await rejectionOf(() => startTestCell({ plasma: { pages: { folder: 'nowhere' } } }))
    expect(message).to.include('dna/plasma/pages.json: folder: ENOENT: no such file or directory')
    const misspelt = await rejectionOf(() => startTestCell({ plasma: { pages: { foldr: 'x', name: '' } } }))
    expect(misspelt.message).to.include('did you mean "folder"').and.include('name: must not be empty')
  })
})

describe('our templates', () => {
  const sources = readdirSync(TEMPLATES).map((name) => [name, readFileSync(`${TEMPLATES}/${name}`, 'utf8')] as const)

  it('write nothing unescaped but other templates', () => {
    const raw = sources.flatMap(([, source]) => source.match(/<%[-_]?\s*~[^%]*%>/g) ?? [])
    expect(raw).to.not.be.empty
    for (const each of raw) expect(each).to.match(/^<%~ (include\('@[\w-]+'(, \{.*\})?\)|it\.body) %>$/s)
  })

  it('have no sentence of their own', () => {
    for (const [name, source] of sources) {
      const words = source.replace(/<%[^]*?%>/g, '').replace(/<[^>]*>/g, '')
      expect(words.match(/[a-z]{2,}/gi) ?? [], name).to.deep.equal([])
    }
  })
})
