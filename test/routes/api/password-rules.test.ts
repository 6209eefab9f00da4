import { expect } from 'chai'
import { startTestCell, type TestCell } from '../../support/cell'
import { newCredentials, type Answer, type Client } from '../../support/client'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const CURRENT = 'correct horse battery'
const NEW = 'staple horse battery'

describe('a new password', () => {
  const username = newCredentials().username
  let cell: TestCell
  let client: Client

  before(async () => {
    cell = await startTestCell()
    client = cell.client()
    await client.registerAndLogIn({ username, password: CURRENT })
  })
  after(() => cell.stop())

  /** What was refused has changed nothing: this one is still logged in, under the same cookie. */
  async function expectRefused(
    send: () => Promise<Answer>,
    expected = { status: 400, code: 'INVALID_PASSWORD_CHANGE' },
  ): Promise<Answer> {
    const cookie = client.cookies.get('id')
    const answer = await send()
    expect(answer.body).to.include(expected)
    expect(answer.status).to.equal(expected.status)
    expect([client.cookies.get('id'), (await client.get('/api/me')).status]).to.deep.equal([cookie, 200])
    return answer
  }

  describe('is refused with 400, and changes nothing, where what is sent is', () => {
    const changes: [what: string, change: unknown][] = [
      ['an empty object', {}],
      ['a list', [{ currentPassword: CURRENT, newPassword: NEW }]],
      ['no new one', { currentPassword: CURRENT }],
      ['no current one', { newPassword: NEW }],
      ['under the names of a login', { username, password: CURRENT, newPassword: NEW }],
      ['an unknown field', { currentPassword: CURRENT, newPassword: NEW, admin: true }],
      ['a constructor', { currentPassword: CURRENT, newPassword: NEW, constructor: {} }],
      ...[null, true, 1234567890, ['staple horse battery'], { $ne: '' }, { length: 20 }].flatMap(
        (value): [string, unknown][] => [
          [`the new one ${JSON.stringify(value)}`, { currentPassword: CURRENT, newPassword: value }],
          [`the current one ${JSON.stringify(value)}`, { currentPassword: value, newPassword: NEW }],
        ],
      ),
      ['a current one of 257 characters', { currentPassword: 'x'.repeat(257), newPassword: NEW }],
      ['a current one with half a character', { currentPassword: `${CURRENT}\ud800`, newPassword: NEW }],
    ]
    for (const [what, change] of changes) {
      it(what, () => expectRefused(() => client.post('/api/password', change)))
    }

    const bodies: [what: string, body: string, headers: Record<string, string>, status?: number, code?: string][] = [
      ['nothing', '', {}],
      ['broken', '{"currentPassword":', { 'content-type': 'application/json' }, 400, 'INVALID_BODY'],
      ['null', 'null', { 'content-type': 'application/json' }, 400, 'INVALID_BODY'],
      [
        '__proto__',
        `{"__proto__":{"currentPassword":"${CURRENT}","newPassword":"${NEW}"}}`,
        { 'content-type': 'application/json' },
        400,
        'INVALID_BODY',
      ],
      ['a form with two new ones', `currentPassword=${CURRENT}&newPassword=${NEW}&newPassword=${NEW}`, FORM],
      ['a form with an operator', `currentPassword=${CURRENT}&newPassword[$ne]=`, FORM],
    ]
    for (const [what, body, headers, status = 400, code = 'INVALID_PASSWORD_CHANGE'] of bodies) {
      it(what, () => expectRefused(() => client.send('POST', '/api/password', body, headers), { status, code }))
    }
  })

  describe('is refused with 400, and changes nothing, where it', () => {
    const passwords: [what: string, password: string][] = [
      ['is empty (OWASP ASVS 6.2.1)', ''],
      ['has 7 characters (OWASP ASVS 6.2.1)', 'zqxjkvb'],
      ['has 7 characters, of two code units each (OWASP ASVS 6.2.1)', '🐎🔋📎🐴✅🔌🧷'],
      ['has 257 characters', 'x'.repeat(257)],
      ['has half a character', `${NEW}\ud83d`],
      ...['password', 'PASSWORD', '12345678', 'qwertyuiop', 'iloveyou1', 'football1', 'Sunshine1'].map(
        (common): [string, string] => {
          return [`is what everybody tries first: ${common} (OWASP ASVS 6.2.4)`, common]
        },
      ),
    ]
    for (const [what, newPassword] of passwords) {
      it(what, async () => {
        const { body } = await expectRefused(() =>
          client.post('/api/password', { currentPassword: CURRENT, newPassword }),
        )
        const { detail } = body as { detail: string }
        expect(detail).to.match(/^newPassword /)
        if (newPassword) expect(detail.slice('newPassword '.length)).not.to.include(newPassword)
      })
    }
  })

  it('that is refused is refused before the current one is looked at', async () => {
    await expectRefused(() =>
      client.post('/api/password', { currentPassword: 'not the password', newPassword: 'short' }),
    )
  })

  describe('is taken exactly as it was sent (OWASP ASVS 6.2.5, 6.2.8, 6.2.9), where it', () => {
    const accepted: [what: string, password: string, others: string[]][] = [
      ['has 8 characters, all small letters', 'zqxjkvbw', ['zqxjkvb', 'zqxjkvbwz']],
      ['has digits alone', '8402917355', ['08402917355']],
      ['has 64 characters', `${'x'.repeat(63)}y`, ['x'.repeat(63), 'x'.repeat(64)]],
      ['has 64 characters of two code units each', '🐎'.repeat(64), ['🐎'.repeat(63)]],
      ['has 256 characters', `${'x'.repeat(255)}y`, ['x'.repeat(255), `${'x'.repeat(255)}z`]],
      ['has spaces around it', '  horse of  spaces ', ['horse of  spaces', '  horse of spaces ', '  horse of  spaces']],
      ['is of spaces alone', ' '.repeat(9), [' '.repeat(8), ' '.repeat(10)]],
      ['has small and large letters', 'Horse Of Capitals', ['horse of capitals', 'HORSE OF CAPITALS']],
      [
        'has composed characters',
        'caf\u00e9 cr\u00e8me br\u00fbl\u00e9e',
        ['cafe\u0301 cre\u0300me bru\u0302le\u0301e', 'cafe creme brulee'],
      ],
      [
        'has characters that could be composed',
        'cafe\u0301 cre\u0300me \u2126\uff21\ufb01',
        ['caf\u00e9 cr\u00e8me \u03a9\uff21\ufb01', 'cafe\u0301 cre\u0300me \u03a9Afi'],
      ],
      ['has a NUL in it', 'horse\0battery', ['horse', 'horse\0', 'horsebattery', 'horse\0staple']],
      ['has what forms and SQL escape', `'"--;%00&<b>+=\\`, [`'"--;\0&<b>+=\\`, `'"--;%00&<b> =\\`]],
    ]
    for (const [what, password, others] of accepted) {
      it(what, async () => {
        const own = cell.client()
        const owner = await own.registerAndLogIn()
        expect(
          (await own.post('/api/password', { currentPassword: owner.password, newPassword: password })).status,
        ).to.equal(204)
        const logIn = async (given: string): Promise<number> =>
          (await cell.client().post('/api/login', { username: owner.username, password: given })).status
        expect(await logIn(password)).to.equal(200)
        for (const other of others) expect(await logIn(other), JSON.stringify(other)).to.equal(401)
      })
    }
  })

  it('is one of a form as well, also where it begins with a space', async () => {
    const own = cell.client()
    const owner = await own.registerAndLogIn()
    const body = new URLSearchParams({ currentPassword: owner.password, newPassword: ' form & battery+' }).toString()
    expect((await own.send('POST', '/api/password', body, FORM)).status).to.equal(204)
    expect((await cell.client().post('/api/login', { ...owner, password: ' form & battery+' })).status).to.equal(200)
  })

  it('was none of those that were refused', async () => {
    expect((await cell.client().post('/api/login', { username, password: CURRENT })).status).to.equal(200)
  })
})
