import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { keepErrorLog } from '../../support/error-log'
import { LIMITS, newAddress } from '../../support/throttled-cell'
import { Visitor } from '../../support/visitor'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0'
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'
const NEW = 'staple horse battery'

describe('the page of the account', () => {
  const log = keepErrorLog()
  let cell: TestCell
  before(async () => {
    const plasma = { throttle: LIMITS, 'express-server': { trustProxy: 'loopback' } }
    cell = await startTestCell({ plasma })
  })
  after(() => cell.stop())

  const visitor = (agent: string, from = newAddress()): Visitor =>
    new Visitor(cell.address ?? '', { 'user-agent': agent, 'x-forwarded-for': from })
  /** The buttons that end a session. */
  const handlesIn = (html: string): string[] =>
    [...html.matchAll(/<button name="id" value="([^"]+)"/g)].map(([, id = '']) => id)

  interface Person {
    here: Visitor
    elsewhere: Visitor
    username: string
    password: string
  }

  /** Somebody who is logged in at two places. */
  async function somebody(): Promise<Person> {
    const here = visitor(FIREFOX)
    const elsewhere = visitor(PHONE, '203.0.113.7')
    const credentials = await here.join()
    await elsewhere.complete('/login', credentials)
    return { here, elsewhere, ...credentials }
  }

  it('shows users who they are and where they are logged in', async () => {
    const { here, username } = await somebody()
    const { status, headers, page, text } = await here.visit('/account')
    expect([status, page.title]).to.deep.equal([200, 'Your account · Organic cell'])
    expect(headers.get('cache-control')).to.equal('no-store')
    expect(page.text).to.include(`Username ${username}`)
    expect(page.text).to.match(/Safari on iPhone 203\.0\.113\.7 · Last used just now Logged in on \w+ \d+, \d{4} End/)
    expect(page.text).to.match(/Firefox on Windows This session 198\.18\.\d+\.\d+ · Last used just now/)
    expect(text.match(/class="badge"/g)).to.have.length(1)
    expect(page.text, 'this session first').to.match(/Firefox on Windows.*Safari on iPhone/)
    const [handle = '', ...others] = handlesIn(text)
    expect(others).to.deep.equal([])
    expect(text).to.include(`<button name="id" value="${handle}" aria-label="End session: Safari on iPhone">`)
    const german = await here.visit('/account', { 'accept-language': 'de' })
    expect(german.page.text)
      .to.include('Firefox unter Windows Diese Sitzung')
      .and.include('Zuletzt benutzt: gerade eben')
  })

  it('ends one session, and says so', async () => {
    const { here, elsewhere } = await somebody()
    const [id = ''] = handlesIn((await here.visit('/account')).text)
    const { location } = await here.fillIn('/account/sessions', { id })
    expect(location).to.equal('/account?done=session-ended')
    const { page, text } = await here.visit(location ?? '')
    expect([page.notice, handlesIn(text)]).to.deep.equal(['The session has ended.', []])
    expect(page.text).to.not.include('End all other sessions')
    expect((await elsewhere.visit('/account')).status).to.equal(303)
    expect((await here.visit('/account')).status).to.equal(200)
    // A second window still shows the button.
    const again = await here.fillIn('/account/sessions', { id })
    expect([again.status, again.page.title]).to.deep.equal([404, 'Error: Your account · Organic cell'])
    expect(again.page.faults).to.deep.equal([[undefined, 'This session has already ended.']])
    // Loading the page again, or going to its URL, is no error.
    expect((await here.visit('/account/sessions')).location).to.equal('/account')
  })

  it('ends all other sessions, and says so', async () => {
    const { here, elsewhere } = await somebody()
    const { page } = await here.complete('/account/sessions', { others: 'end' })
    expect(page.notice).to.equal('All your other sessions have ended.')
    expect((await elsewhere.visit('/account')).status).to.equal(303)
  })

  it('ends no session that the form does not name, and nobody else’s', async () => {
    const victim = await somebody()
    const [id = ''] = handlesIn((await victim.here.visit('/account')).text)
    const { here } = await somebody()
    for (const fields of [{}, { id }, { id: '' }, { others: '' }, { others: 'yes' }, { id: '../x' }])
      expect((await here.fillIn('/account/sessions', fields)).status).to.equal(404)
    for (const each of [victim.here, victim.elsewhere, here])
      expect((await each.visit('/account')).status).to.equal(200)
  })

  it('logs users out if they end the session that they are in', async () => {
    const { here } = await somebody()
    const sessions = (await here.get('/api/sessions')).body as { id: string; current: boolean }[]
    const id = sessions.find(({ current }) => current)?.id ?? ''
    const { location, headers } = await here.fillIn('/account/sessions', { id })
    expect([location, headers.get('clear-site-data')]).to.deep.equal(['/?done=logged-out', '"cache", "storage"'])
    expect([...here.cookies]).to.deep.equal([])
  })

  it('changes the password, which ends the other sessions, and says so (OWASP ASVS 7.4.3)', async () => {
    const { here, elsewhere, username, password } = await somebody()
    const { page: form } = await here.visit('/account')
    expect(form.inputs['currentPassword']).to.include({ autocomplete: 'current-password', maxlength: '256' })
    expect(form.inputs['newPassword']).to.include({ autocomplete: 'new-password', minlength: '8' })
    // Password managers learn whose password it is. It has no name, so browsers do not send it.
    expect(form.source).to.include(`<input type="text" autocomplete="username" value="${username}" hidden readonly>`)
    const events: string[] = []
    cell.plasma.once('PasswordChanged', () => events.push('PasswordChanged'))
    const before = here.copy()
    const change = { currentPassword: password, newPassword: NEW }
    const { page } = await here.complete('/account/password', change)
    expect(page.notice).to.equal('Your password has been changed. All your other sessions have ended.')
    expect(events).to.deep.equal(['PasswordChanged'])
    for (const ended of [before, elsewhere]) expect((await ended.get('/api/me')).status).to.equal(401)
    const again = visitor(FIREFOX)
    expect((await again.fillIn('/login', { username, password })).status).to.equal(401)
    expect((await again.fillIn('/login', { username, password: NEW })).status).to.equal(303)
    expect((await here.visit('/account/password')).location).to.equal('/account')
  })

  it('says beside the field what is wrong with a password, and shows none again', async () => {
    const { here, password } = await somebody()
    for (const [fields, status, field, message] of [
      [
        { currentPassword: 'a wrong one', newPassword: NEW },
        403,
        'currentPassword',
        'This is not your current password.',
      ],
      [{ currentPassword: password, newPassword: 'short' }, 400, 'newPassword', 'Use at least 8 characters.'],
      [{ newPassword: NEW }, 400, 'currentPassword', 'Fill in this field.'],
    ] as [Record<string, string>, number, string, string][]) {
      const answer = await here.fillIn('/account/password', fields)
      expect([answer.status, answer.page.title]).to.deep.equal([status, 'Error: Your account · Organic cell'])
      expect(answer.page.faults).to.deep.equal([[field, message]])
      expect(answer.page.faultOf(field)).to.equal(message)
      expect(answer.page.text).to.include('Firefox on Windows')
      for (const typed of Object.values(fields)) expect(answer.text).to.not.include(`"${typed}"`)
    }
  })

  it('counts wrong passwords together with the API, and says how long to wait', async () => {
    const { here } = await somebody()
    const change = { currentPassword: 'a guess', newPassword: NEW }
    // The address where they have logged in gets a count of its own, a moment later.
    const from = { 'x-forwarded-for': '203.0.113.9' }
    const statuses: number[] = []
    for (const path of ['/account/password', '/api/password', '/account/password', '/account/password'])
      statuses.push((await here.fillIn(path, change, from)).status)
    expect(statuses).to.deep.equal([403, 403, 403, 429])
    const { headers, page } = await here.fillIn('/account/password', change, from)
    expect(headers.get('retry-after')).to.match(/^\d+$/)
    expect(page.faultOf('currentPassword')).to.match(/^There were too many attempts\. Try again in /)
    expect((await here.post('/api/password', change, { ...here.headers, ...from })).status).to.equal(429)
  })

  it('is refused to pages of other sites (OWASP ASVS 3.5.1)', async () => {
    const { here, elsewhere } = await somebody()
    for (const [path, fields] of [
      ['/account/sessions', { others: 'end' }],
      ['/account/password', {}],
      ['/logout', {}],
    ] as const)
      expect((await here.fillIn(path, fields, { 'sec-fetch-site': 'same-site' })).status, path).to.equal(403)
    expect((await elsewhere.visit('/account')).status).to.equal(200)
  })

  it('escapes whatever a device says it is (OWASP ASVS 1.2.1)', async () => {
    const { here } = await somebody()
    const credentials = await here.join()
    for (const agent of ['<img src=x>', '"><script>', 'curl/8.14.1'])
      await visitor(agent).complete('/login', credentials)
    const { page, text } = await here.visit('/account')
    expect(text).to.not.match(/<script|src=x/)
    expect(page.text).to.include('Unknown device').and.include('curl')
  })

  it('says nothing of the inside when the database is away', async () => {
    const broken = await startTestCell()
    const here = new Visitor(broken.address ?? '')
    await here.join()
    await broken.database.close()
    const { status, page } = await here.visit('/account')
    expect([status, page.title]).to.deep.equal([503, 'Temporarily unavailable · Organic cell'])
    expect(page.text).to.include('Try again later').and.not.include('database')
    const change = await here.fillIn('/account/password', { currentPassword: 'x', newPassword: NEW })
    expect([change.status, change.page.title]).to.deep.equal([503, 'Temporarily unavailable · Organic cell'])
    await broken.stop()
    expect(log.join()).to.include('No database is open')
  })
})
