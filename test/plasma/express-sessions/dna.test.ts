import { expect } from 'chai'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import expressSessions from '../../../plasma/express-sessions'
import { rejectionOf } from '../../support/rejection'

const good = { reactOn: ['ExpressServer'], emitReady: 'ExpressSessions', secret: 'x'.repeat(32) }
const SHORTER = /longer than idleSeconds and absoluteSeconds/

describe('the DNA of express-sessions', () => {
  it('is accepted with all that it may have', () => {
    const remember = { idleSeconds: 3, absoluteSeconds: 2 }
    for (const dna of [
      good,
      { ...good, reactOn: 'ExpressServer', source: 'plasma/express-sessions', store: 'sql' },
      { ...good, secret: ['x'.repeat(32), 'y'.repeat(64)], secretFile: 'not/created' },
      { ...good, cookie: { name: '__Host-id', secure: true, sameSite: 'strict' } },
      { ...good, cookie: { name: 'my__Host-id' } },
      { ...good, idleSeconds: 2, absoluteSeconds: 1, touchSeconds: 1, cleanupSeconds: 1, remember },
      { ...good, remember: false },
    ])
      expressSessions(new EventBus(), dna)
  })

  const refused: [dna: Organic.Dna, key: string, expected: RegExp][] = [
    [{ secret: undefined }, 'secret', /secretFile/],
    [{ secret: 'x'.repeat(31) }, 'secret', /32 characters/],
    [{ secret: ` \0\n${'x'.repeat(31)}\t\0 ` }, 'secret', /32 characters/],
    [{ secret: [] }, 'secret', /./],
    [{ secret: ['x'.repeat(32), 'short'] }, 'secret.1', /32 characters/],
    [{ secret: undefined, secretFile: '' }, 'secretFile', /empty/],
    [{ reactOn: [] }, 'reactOn', /./],
    [{ emitReady: undefined }, 'emitReady', /chemical/],
    [{ store: 'sqll' }, 'store', /did you mean "sql"/],
    [{ idleSecond: 5 }, 'idleSecond', /did you mean "idleSeconds"/],
    [{ cookie: { domain: 'example.com' } }, 'cookie.domain', /unknown key/],
    [{ cookie: { httpOnly: false } }, 'cookie.httpOnly', /unknown key/],
    [{ cookie: { name: '' } }, 'cookie.name', /letters/],
    [{ cookie: { name: 'id; x=y' } }, 'cookie.name', /letters/],
    [{ cookie: { name: 'id\n' } }, 'cookie.name', /letters/],
    [{ cookie: { sameSite: 'none' } }, 'cookie.sameSite', /lax/],
    [{ cookie: { secure: 'auto' } }, 'cookie.secure', /true or false/],
    [{ cookie: { name: '__host-id' } }, 'cookie.secure', /browsers refuse/],
    [{ cookie: { name: '__Secure-id', secure: false } }, 'cookie.secure', /browsers refuse/],
    [{ idleSeconds: 60, touchSeconds: 60 }, 'touchSeconds', /idleSeconds/],
    [{ touchSeconds: -1 }, 'touchSeconds', /./],
    [{ store: 'redis' }, 'reactOn', /plasma\/redis/],
    [{ idleSeconds: 1.5 }, 'idleSeconds', /whole seconds/],
    [{ absoluteSeconds: Infinity }, 'absoluteSeconds', /./],
    [{ cleanupSeconds: 7 * 24 * 60 * 60 }, 'cleanupSeconds', /./],
    [{ remember: true }, 'remember', /or false/],
    [{ absoluteSeconds: 1800, remember: { idleSeconds: 1800, absoluteSeconds: 1801 } }, 'remember', SHORTER],
    [{ absoluteSeconds: 1800, remember: { idleSeconds: 1801, absoluteSeconds: 1800 } }, 'remember', SHORTER],
  ]
  for (const [changes, key, expected] of refused) {
    it(`is refused with ${JSON.stringify(changes)}`, async () => {
      const error = await rejectionOf<DnaError>(() => expressSessions(new EventBus(), { ...good, ...changes }))
      expect(error).to.include({ name: 'DnaError', key })
      expect(error.expected).to.match(expected)
      expect(error.message).not.to.include('xxxx')
    })
  }
})
