import { expect } from 'chai'
import fc from 'fast-check'
import { readReturnTo } from '../../../context/pages'

const REFUSED = ['/api', '/login', '/logout']

describe('the place to return to', () => {
  for (const place of [
    '/',
    '/account',
    '/invoices?year=2026&all=yes',
    '/a%20b/c%C3%BC?q=%2F%2Fevil.example',
    '/search?next=https://evil.example/',
    '/apiary',
    '/loginless',
    '/a.b/..c/...',
    '/@me',
    '/:80',
  ])
    it(`may be a path of this origin: ${place}`, () => {
      expect(readReturnTo(place, REFUSED)).to.equal(place)
    })

  it('loses its fragment, which servers never see', () => {
    expect(readReturnTo('/account#password', REFUSED)).to.equal('/account')
  })

  const hostile = [
    ...['', 'account', '.', '?x', '#x', 'evil.example', '@evil.example'],
    // Another origin.
    ...['https://evil.example', 'http:evil.example', 'https:/evil.example', 'HTTPS://evil.example/account'],
    ...['//evil.example', '///evil.example', '//evil.example/%2e%2e', '////', '//', '/a//b', '//user@evil.example'],
    // Browsers take backslashes for slashes.
    ...['/\\evil.example', '\\\\evil.example', '\\/evil.example', '/a\\b', '/a?b=\\c', '/\\/evil.example'],
    // Browsers drop tabs and line breaks, and spaces at the ends.
    ...['/\t/evil.example', '/\n/evil.example', '/\r\n/evil.example', '\t//evil.example', ' //evil.example'],
    ...['/\u0000/evil.example', '/account\r\nset-cookie: id=1', '/account\u2028', '/\u00a0/evil.example', '/\u200b'],
    // Dots that a parser resolves.
    ...['/.//evil.example', '/..//evil.example', '/x/..//evil.example', '/./\\evil.example', '/../account', '/./'],
    // The same, encoded once and more often.
    ...['/%2Fevil.example', '/%2f%2fevil.example', '/%5cevil.example', '/%5C%5Cevil.example', '/%252Fevil.example'],
    ...['/%25252fevil.example', '/%2e%2e/logout', '/%252e%252e/logout', '/x/%2e%2e%2flogout', '/.%2F/evil.example'],
    ...['/%09/evil.example', '/%0d%0aset-cookie:id=1', '/%00', '/%2500', '/%7f', '/%c2%85', '/%E2%80%A8'],
    // Broken.
    ...['/%', '/%zz', '/%ff', '/%C0%AF', '/%u002f', `/${'x'.repeat(512)}`, '/ü', '/\ud800'],
    // Other schemes.
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd', 'blob:x'],
    // Places that log out, or go round in circles, or answer with JSON.
    ...['/logout', '/logout/', '/LOGOUT', '/logout?x', '/logout#x', '/%6cogout', '/log%6Fut', '/%256cogout'],
    ...['/login', '/login?return-to=/login', '/api', '/api/logout', '/API/me', '/api/%6cogout', '/x/../logout'],
  ]
  for (const place of hostile)
    it(`is never ${JSON.stringify(place.slice(0, 60))}`, () => {
      expect(readReturnTo(place, REFUSED)).to.equal(undefined)
    })

  it('is never anything but a string', () => {
    for (const value of [undefined, null, 7, {}, ['/account'], { toString: () => '/account' }])
      expect(readReturnTo(value, REFUSED)).to.equal(undefined)
  })

  it('always leads a browser to this origin', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '%2f',
      '%5c',
      '%2e',
      '%25',
      ':',
      '@',
      '?',
      '#',
      '\t',
      'evil.example',
    )
    const places = fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((all) => all.join(''))
    fc.assert(
      fc.property(places, (rest) => {
        const place = readReturnTo(`/${rest}`, REFUSED)
        if (place === undefined) return
        const { origin, pathname } = new URL(place, 'http://cell.example/login')
        expect(origin).to.equal('http://cell.example')
        expect(pathname).to.not.match(/^\/\/|\\/)
      }),
      { numRuns: 2000 },
    )
  })
})
