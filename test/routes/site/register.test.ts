import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials } from '../../support/client'
import { Visitor } from '../../support/visitor'

const GERMAN = { 'accept-language': 'de-CH, en;q=0.8' }
const PASSWORD = 'correct horse battery'

describe('the page to register', () => {
  const taken = newCredentials()
  let cell: TestCell
  before(async () => {
    cell = await startTestCell()
    await cell.client().post('/api/register', taken)
  })
  after(() => cell.stop())

  const visitor = (): Visitor => new Visitor(cell.address ?? '')

  it('has a form that password managers fill in', async () => {
    const { page } = await visitor().visit('/register')
    expect([page.title, page.actions]).to.deep.equal(['Create an account · Organic cell', ['/register']])
    expect(page.inputs['username']).to.include({ autocomplete: 'username', maxlength: '64', required: '' })
    expect(page.inputs['password']).to.include({ autocomplete: 'new-password', minlength: '8', maxlength: '256' })
    expect(page.inputs['password']?.['aria-describedby']).to.equal('password-hint')
    expect(page.links).to.deep.equal(['/login'])
  })

  it('creates an account, logs in, and says so', async () => {
    const somebody = visitor()
    const events: string[] = []
    for (const type of ['OwnerRegistered', 'SessionLogin']) cell.plasma.on(type, () => events.push(type))
    const credentials = newCredentials()
    const { page } = await somebody.complete('/register', credentials)
    expect(events).to.deep.equal(['OwnerRegistered', 'SessionLogin'])
    expect(page.notice).to.equal('Your account has been created, and you are logged in.')
    expect(page.text).to.include(`You are logged in as ${credentials.username}.`)
    expect((await somebody.get('/api/me')).body).to.include({ username: credentials.username })
    expect((await somebody.visit('/register')).location).to.equal('/')
  })

  it('leads on to the page that asked for a login', async () => {
    const fields = { ...newCredentials(), 'return-to': '/account' }
    expect((await visitor().complete('/register', fields)).page.title).to.equal('Your account · Organic cell')
  })

  for (const [what, fields, status, field, english, german] of [
    ['a taken name', taken, 409, 'username', /is taken/, /ist vergeben/],
    ['a short password', { username: 'new', password: 'short' }, 400, 'password', /at least 8/, /mindestens 8/],
    [
      'a common password',
      { username: 'new', password: 'password123' },
      400,
      'password',
      /Many people/,
      /benutzen viele/,
    ],
    ['no name', { username: '', password: PASSWORD }, 400, 'username', /Fill in/, /Füllen Sie/],
    [
      'a name like an option',
      { username: '-rf', password: PASSWORD },
      400,
      'username',
      /begin with -/,
      /mit - beginnen/,
    ],
    ['nothing', {}, 400, 'username', /Fill in/, /Füllen Sie/],
  ] as const) {
    it(`says beside the field what is wrong, in the language of whoever asks: ${what}`, async () => {
      for (const [words, headers, title] of [
        [english, {}, 'Error: Create an account · Organic cell'],
        [german, GERMAN, 'Fehler: Konto erstellen · Organic cell'],
      ] as const) {
        const answer = await visitor().fillIn('/register', fields, headers)
        const { page } = answer
        expect([answer.status, page.title]).to.deep.equal([status, title])
        expect(page.faults.map(([at]) => at)).to.deep.equal([field])
        expect(page.faults[0]?.[1]).to.match(words)
        expect(page.faultOf(field)).to.equal(page.faults[0]?.[1])
        expect(page.inputs['username']?.['value']).to.equal('username' in fields ? fields.username : '')
        if ('password' in fields) expect(page.source).to.not.include(`"${fields.password}"`)
      }
    })
  }

  it('refuses unexpected fields, also those of other forms', async () => {
    const { status, page } = await visitor().fillIn('/register', { ...newCredentials(), id: '1' })
    expect([status, page.faults]).to.deep.equal([
      400,
      [[undefined, 'Something in this form is missing or cannot be used.']],
    ])
  })

  it('counts registrations together with the API', async () => {
    const registration = { failures: 2, firstWaitSeconds: 90, longestWaitSeconds: 900, forgetSeconds: 3600 }
    const throttled = await startTestCell({ plasma: { throttle: { registration } } })
    const somebody = new Visitor(throttled.address ?? '')
    const statuses = [(await somebody.post('/api/register', newCredentials())).status]
    for (let each = 0; each < 2; each += 1) statuses.push((await somebody.fillIn('/register', newCredentials())).status)
    expect(statuses).to.deep.equal([201, 303, 429])
    const { page } = await somebody.fillIn('/register', newCredentials(), GERMAN)
    expect(page.faults[0]?.[1]).to.equal('Es gab zu viele Versuche. Versuchen Sie es in 2 Minuten noch einmal.')
    await throttled.stop()
  })

  it('speaks the language that a browser prefers, and says so', async () => {
    for (const [accepted, language] of [
      ['de', 'de'],
      ['de-AT,de;q=0.9,en;q=0.8', 'de'],
      ['en;q=0.5, de;q=0.9', 'de'],
      ['de;q=0.1, en;q=0.2', 'en'],
      ['de;q=0, *', 'en'],
      ['fr, de;q=0.5', 'de'],
      ['fr', 'en'],
      ['*', 'en'],
      ['', 'en'],
      [';;q=,,de;q=x', 'en'],
      ['__proto__, constructor', 'en'],
      ['de,'.repeat(340), 'de'],
    ] as const) {
      const { headers, page } = await visitor().visit('/login', { 'accept-language': accepted })
      expect([page.language, headers.get('content-language')], accepted).to.deep.equal([language, language])
      expect(headers.get('vary'), accepted).to.include('Accept-Language')
      const words = readFileSync(`context/pages/texts/${language}.json`, 'utf8')
      expect(words).to.include(`"login.title": "${page.title.replace(' · Organic cell', '')}"`)
    }
  })
})
