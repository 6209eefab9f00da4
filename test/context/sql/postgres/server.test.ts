import { expect } from 'chai'
import { parseServer } from '../../../../context/sql/postgres/server'
import { rejectionOf } from '../../../support/rejection'

describe('the URL of a PostgreSQL server', () => {
  const rows: [url: string, expected: object][] = [
    ['postgres://db.example.org/cell', { name: 'db.example.org:5432/cell', host: 'db.example.org', port: 5432 }],
    [
      'postgresql://ada:a%2Fb%40c%3A%25@[::1]:5433/c%C3%A9',
      { user: 'ada', password: 'a/b@c:%', host: '::1', port: 5433, database: 'cé' },
    ],
    ['postgres:///cell', { host: 'localhost', user: undefined, password: undefined }],
    [
      'postgres://ada@/cell?host=/var/run/postgresql&port=5433',
      { host: '/var/run/postgresql', port: 5433, user: 'ada' },
    ],
    ['postgres://ada:secret@%2Fvar%2Frun/cell', { host: '/var/run', database: 'cell' }],
  ]
  for (const [url, expected] of rows) {
    it(`may be ${url}`, () => {
      expect(parseServer(url)).to.include(expected)
    })
  }

  it('is of TLS on other machines, unless it says otherwise (OWASP ASVS 12.3.2)', () => {
    const isTls = (host: string, parameters = ''): boolean => parseServer(`postgres://${host}/cell${parameters}`).isTls
    for (const host of ['db', '10.0.0.5', '128.0.0.1', '[::2]', 'localhost.example.org', '127.0.0.1.example.org']) {
      expect(isTls(host), host).to.equal(true)
      expect(isTls(host, '?sslmode=disable'), host).to.equal(false)
    }
    for (const host of ['', 'localhost', '127.0.0.1', '127.1.2.3', '[::1]', '%2Fvar%2Frun']) {
      expect(isTls(host), host).to.equal(false)
      for (const mode of ['require', 'verify-ca', 'verify-full']) expect(isTls(host, `?sslmode=${mode}`)).to.equal(true)
    }
  })

  it('is refused if it is anything else, without repeating it', async () => {
    for (const url of [
      'secret',
      '',
      'mysql://ada:secret@host/cell',
      'file:///secret',
      'postgres:secret',
      'postgres://ada:secret@host',
      'postgres://ada:secret@host/',
      'postgres://ada:sec#ret@host/cell',
      'postgres://ada:secret/@host/cell',
      'postgres://ada:%zz-secret@host/cell',
      'postgres://ada:secret@host:port/cell',
      'postgres://ada:secret@host/cell?sslmode=prefer',
      'postgres://ada:secret@host/cell?sslmode=allow',
      'postgres://ada:secret@host/cell?sslmode=no-verify',
      'postgres://ada:secret@host/cell?sslmode=secret',
      'postgres://ada:secret@host/cell?sslmod=disable',
      'postgres://ada:secret@host/cell?ssl=false',
      'postgres://ada:secret@host/cell?port=secret',
      'postgres://ada:secret@host/cell?secret=1',
      'postgres://ada:secret@host/cell#secret',
    ]) {
      const { message } = await rejectionOf(() => parseServer(url))
      expect(message, url)
        .to.match(/expected|has a %/)
        .and.not.to.match(/secret|sec#|ada/)
    }
  })
})
