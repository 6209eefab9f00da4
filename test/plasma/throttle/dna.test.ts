import { expect } from 'chai'
import { inspect } from 'node:util'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import throttle from '../../../plasma/throttle'
import { startTestCell } from '../../support/cell'
import { rejectionOf } from '../../support/rejection'

const limits = { failures: 10, firstWaitSeconds: 60, longestWaitSeconds: 3600, forgetSeconds: 86_400 }
const good = {
  reactOn: ['ExpressServer'],
  emitReady: 'Throttle',
  routes: { '/api/login': 'credentials' },
  nameFields: { username: true },
  account: { ...limits },
  address: { ...limits, underWay: 20 },
  registration: { ...limits },
  knownSeconds: 60,
}
const without = (key: keyof typeof good): Organic.Dna =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== key))

describe('the DNA of throttle', () => {
  const accepted: [what: string, dna: Organic.Dna][] = [
    ['with what it needs', good],
    ['with a source, and one chemical to wait for', { ...good, source: 'plasma/throttle', reactOn: 'ExpressServer' }],
    ['with waits that are all the same', { ...good, account: { ...limits, longestWaitSeconds: 60 } }],
    ['with one failure that is free', { ...good, address: { ...limits, underWay: 20, failures: 1 } }],
    ['with addresses that are exempt', { ...good, exempt: ['10.0.0.7', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'] }],
    ['with nobody exempt', { ...good, exempt: [] }],
    [
      'with a prefix, and a route of each kind',
      {
        ...good,
        mount: '/v2/api',
        routes: { '/login': 'credentials', '/me': 'owner', '/join': 'registration', '/x': false },
      },
    ],
    ['with a cleanup once a day', { ...good, cleanupSeconds: 86_400 }],
  ]
  for (const [what, dna] of accepted) {
    it(`is accepted ${what}`, () => {
      throttle(new EventBus(), dna)
    })
  }

  const refused: [key: string, values: unknown[]][] = [
    ['reactOn', [undefined, null, [], 5]],
    ['emitReady', [undefined, null, '']],
    [
      'routes',
      [
        undefined,
        null,
        {},
        '/api/login',
        ['/api/login'],
        { 'api/login': 'credentials' },
        { '': 'owner' },
        { '/api/login': false },
      ],
    ],
    ['mount', [null, false, '/', 'api', '/api/', '/:id', '/a b']],
    ['routes', [{ '/api/login': true }, { '/api/login': 'name' }, { '/api/login': null }]],
    [
      'nameFields',
      [
        undefined,
        null,
        {},
        'username',
        ['username'],
        { '': true },
        { username: 'yes' },
        { username: false },
        { username: null },
      ],
    ],
    ['account', [undefined, null, false, 10, {}, { ...limits, wait: 60 }]],
    ['address', [undefined, null, [limits]]],
    ['account', [{ ...limits, underWay: 20 }]],
    ['account.failures', [undefined, null, 0, -1, 1.5, '10', Infinity, NaN]],
    ['account.firstWaitSeconds', [undefined, 0, -1, 0.5, '60']],
    ['account.longestWaitSeconds', [undefined, 0, 59, Infinity]],
    ['account.forgetSeconds', [undefined, 0, 3600, 3599, 86_400.5]],
    ['address.failures', [0, '100', null]],
    ['address.longestWaitSeconds', [59]],
    ['address.underWay', [undefined, null, 0, 1.5, '20']],
    ['registration', [undefined, null, 30, { ...limits, underWay: 20 }]],
    ['registration.failures', [0, undefined]],
    ['registration.forgetSeconds', [3600]],
    ['address.forgetSeconds', [3600]],
    ['knownSeconds', [undefined, null, 0, -1, 1.5, '1h', false]],
    ['exempt', ['10.0.0.1', null, {}]],
    [
      'exempt.0',
      [
        [''],
        ['localhost'],
        ['loopback'],
        ['*'],
        ['300.0.0.1'],
        ['10.0.0.0/33'],
        ['10.0.0.0/-1'],
        ['10.0.0.0/8/8'],
        ['/8'],
        [' 10.0.0.1'],
        [10],
        [null],
      ],
    ],
    // What somebody has forgotten half of would exempt somebody else: these are 0.0.0.10 and 10.0.0.1.
    ['exempt.0', [['10'], ['10.1']]],
    ['exempt.1', [['10.0.0.1', 'fe80::/129']]],
    ['cleanupSeconds', [0, -1, 1.5, 86_401, '5m', null]],
    ['failures', [10]],
    ['exempts', [['10.0.0.1']]],
  ]
  for (const [key, values] of refused) {
    for (const value of values) {
      it(`is refused, by its key, with the ${key} ${inspect(value, { breakLength: Infinity })}`, async () => {
        const error = await rejectionOf<DnaError>(() => throttle(new EventBus(), changed(key, value)))
        expect(error.name).to.equal('DnaError')
        expect(error.key === key || error.key.startsWith(`${key}.`), error.key).to.equal(true)
      })
    }
  }

  for (const key of ['routes', 'nameFields', 'account', 'address', 'registration', 'knownSeconds'] as const) {
    it(`is refused without ${key}: nothing is throttled by chance`, async () => {
      expect(await rejectionOf<DnaError>(() => throttle(new EventBus(), without(key)))).to.include({
        name: 'DnaError',
        key,
      })
    })
  }

  it('stops the boot with its file and key', async () => {
    const changes = { plasma: { throttle: { account: { longestWaitSeconds: 86_400 } } } }
    const { message } = await rejectionOf(() => startTestCell(changes))
    expect(message).to.match(/dna\/plasma\/throttle\.json.*account\.forgetSeconds.*longestWaitSeconds/)
  })
})

/** The good DNA, with another value of a key, or without it. */
function changed(path: string, value: unknown): Organic.Dna {
  const dna = structuredClone(good) as Record<string, unknown>
  const [first = '', second] = path.split('.')
  if (second === undefined || first === 'exempt') dna[first] = value
  else (dna[first] as Record<string, unknown>)[second] = value
  return dna
}
