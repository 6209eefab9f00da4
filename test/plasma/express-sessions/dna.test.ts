import { expect } from 'chai'
import express from 'express'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressSessions from '../../../plasma/express-sessions'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder } from '../../support/temporary-folder'

const good = { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: 'x'.repeat(32) }
const without = (key: keyof typeof good): Organic.Dna =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== key))

describe('the DNA of express-sessions', () => {
  const accepted: [what: string, dna: Organic.Dna][] = [
    ['with a secret of 32 characters', good],
    ['with several secrets', { ...good, secret: ['x'.repeat(32), 'y'.repeat(64)] }],
    ['with one chemical to wait for', { ...good, reactOn: 'ExpressServer' }],
    ['with a source', { ...good, source: 'plasma/express-sessions' }],
    ['with a cookie for HTTPS', { ...good, cookie: { name: '__Host-id', secure: true, sameSite: 'strict' } }],
    ['with times', { ...good, idleSeconds: 2, absoluteSeconds: 1, touchSeconds: 1, cleanupSeconds: 1 }],
  ]
  for (const [what, dna] of accepted) {
    it(`is accepted ${what}`, () => {
      expressSessions(new EventBus(), dna)
    })
  }

  const refused: [what: string, dna: Organic.Dna, key: string, expected: RegExp][] = [
    ['with neither secret nor secretFile', without('secret'), 'secret', /secretFile/],
    ['with a secret of 31 characters', { ...good, secret: 'x'.repeat(31) }, 'secret', /32 characters/],
    ['with an empty secret', { ...good, secret: '' }, 'secret', /32 characters/],
    ['with no secret in the list', { ...good, secret: [] }, 'secret', /./],
    ['with a short secret in the list', { ...good, secret: ['x'.repeat(32), 'short'] }, 'secret.1', /32 characters/],
    ['with a secret that is a number', { ...good, secret: 1234 }, 'secret', /string/],
    ['with a secret that is null', { ...good, secret: null }, 'secret', /./],
    ['with an empty secretFile', { ...without('secret'), secretFile: '' }, 'secretFile', /./],
    ['with a secretFile that is a list', { ...without('secret'), secretFile: ['x'] }, 'secretFile', /./],
    ['without reactOn', without('reactOn'), 'reactOn', /chemicals/],
    ['with an empty reactOn', { ...good, reactOn: [] }, 'reactOn', /at least 1|chemicals/],
    ['without emitReady', without('emitReady'), 'emitReady', /chemical/],
    ['with an empty emitReady', { ...good, emitReady: '' }, 'emitReady', /empty/],
    ['with an unknown store', { ...good, store: 'sqll' }, 'store', /did you mean "sql"/],
    ['with an unknown key', { ...good, resave: true }, 'resave', /unknown key/],
    ['with a misspelled key', { ...good, idleSecond: 5 }, 'idleSecond', /unknown key/],
    ['with a cookie that is a text', { ...good, cookie: 'id' }, 'cookie', /./],
    ['with an unknown cookie key', { ...good, cookie: { maxAge: 5 } }, 'cookie.maxAge', /unknown key/],
    ['with a cookie domain', { ...good, cookie: { domain: 'example.com' } }, 'cookie.domain', /unknown key/],
    ['with a cookie for scripts', { ...good, cookie: { httpOnly: false } }, 'cookie.httpOnly', /unknown key/],
    ['with an empty cookie name', { ...good, cookie: { name: '' } }, 'cookie.name', /letters/],
    ['with a cookie name of two', { ...good, cookie: { name: 'id; x=y' } }, 'cookie.name', /letters/],
    ['with a cookie name that ends in a newline', { ...good, cookie: { name: 'id\n' } }, 'cookie.name', /letters/],
    ['with sameSite none', { ...good, cookie: { sameSite: 'none' } }, 'cookie.sameSite', /./],
    ['with sameSite false', { ...good, cookie: { sameSite: false } }, 'cookie.sameSite', /./],
    ['with secure as a text', { ...good, cookie: { secure: 'auto' } }, 'cookie.secure', /./],
    [
      'with __Host- and without secure',
      { ...good, cookie: { name: '__Host-id' } },
      'cookie.secure',
      /HTTPS|secure|refuse/i,
    ],
    [
      'with __Secure- and without secure',
      { ...good, cookie: { name: '__Secure-id', secure: false } },
      'cookie.secure',
      /refuse/,
    ],
    ['with __host- and without secure', { ...good, cookie: { name: '__host-id' } }, 'cookie.secure', /refuse/],
    [
      'with touchSeconds as long as idleSeconds',
      { ...good, idleSeconds: 60, touchSeconds: 60 },
      'touchSeconds',
      /idleSeconds/,
    ],
    ['with touchSeconds longer than idleSeconds', { ...good, idleSeconds: 30 }, 'touchSeconds', /idleSeconds/],
    ['with a negative touchSeconds', { ...good, touchSeconds: -1 }, 'touchSeconds', /./],
    ['with no idleSeconds at all', { ...good, idleSeconds: 0 }, 'idleSeconds', /./],
    ['with half a second', { ...good, idleSeconds: 1.5 }, 'idleSeconds', /whole seconds/],
    ['with seconds as a text', { ...good, absoluteSeconds: '12h' }, 'absoluteSeconds', /whole seconds/],
    ['with endless absoluteSeconds', { ...good, absoluteSeconds: Infinity }, 'absoluteSeconds', /./],
    ['with a cleanup once a week', { ...good, cleanupSeconds: 7 * 24 * 60 * 60 }, 'cleanupSeconds', /./],
  ]
  for (const [what, dna, key, expected] of refused) {
    it(`is refused ${what}`, async () => {
      const plasma = new EventBus()
      const error = await rejectionOf<DnaError>(() => expressSessions(plasma, dna))
      expect(error).to.include({ name: 'DnaError', key })
      expect(error.expected).to.match(expected)
      expect(error.message).not.to.include('xxxx')
    })
  }

  it('is refused with a secretFile that cannot be used, once there is a server', async () => {
    const secretFile = join(temporaryFolder(), 'cookie-secret')
    writeFileSync(secretFile, 'x'.repeat(32), { mode: 0o644 })
    const plasma = new EventBus()
    const failed = new Promise<unknown>((resolve) => plasma.once('CellFailed', ({ error }) => resolve(error)))
    expressSessions(plasma, { ...without('secret'), secretFile })
    await plasma.store({ type: 'ExpressServer', data: express(), server: createServer() })
    expect(await failed).to.include({ name: 'DnaError', key: 'secretFile' })
  })

  it('makes no secretFile where it has a secret', () => {
    const secretFile = join(temporaryFolder(), 'cookie-secret')
    expressSessions(new EventBus(), { ...good, secretFile })
    expect(existsSync(secretFile)).to.equal(false)
  })
})
