import { expect } from 'chai'
import { DnaError, checkDna } from '../../../context/cell'
import { throttleDna } from '../../../plasma/throttle/dna'

const limits = { failures: 10, firstWaitSeconds: 60, longestWaitSeconds: 3600, forgetSeconds: 86_400 }
const good = {
  reactOn: ['ExpressServer'],
  emitReady: 'Throttle',
  routes: { '/api/login': 'credentials' },
  nameFields: { username: true },
  account: limits,
  address: { ...limits, underWay: 20 },
  registration: limits,
  knownSeconds: 60,
}

describe('the DNA of throttle', () => {
  it('is accepted', () => {
    const all = { '/login': 'credentials', '/me': 'owner', '/join': 'registration', '/x': false }
    const accepted: object[] = [
      {},
      { mount: '/v2/api', routes: all, exempt: ['10.0.0.7', '10.0.0.0/8', '::1', 'fd00::/8', '0.0.0.0/0'] },
      { account: { ...limits, failures: 1, longestWaitSeconds: 60 }, cleanupSeconds: 86_400, exempt: [] },
    ]
    for (const changes of accepted) checkDna(throttleDna, { ...good, ...changes })
  })

  it('needs Redis in reactOn to count there: otherwise the cell would be ready, and refuse every login', () => {
    const inRedis = { ...good, counts: 'redis' }
    expect(() => checkDna(throttleDna, inRedis))
      .to.throw(DnaError)
      .with.property('key', 'reactOn')
    checkDna(throttleDna, { ...inRedis, reactOn: ['ExpressServer', 'Redis'] })
  })

  // What is missing must not mean that nothing is throttled.
  const refused: Record<string, unknown[]> = {
    reactOn: [undefined, []],
    emitReady: [undefined, ''],
    mount: [null, false, '/', 'api', '/api/', '/:id', '/a b'],
    routes: [undefined, null, {}, '/api/login', ['/api/login'], { '/api/login': false }],
    'routes.api/login': ['credentials'],
    'routes./x': [true, 'name', null],
    nameFields: [undefined, {}, 'username', ['username'], { username: false }],
    'nameFields.username': ['yes', null],
    account: [undefined, null, false, 10, {}, { ...limits, wait: 60 }, { ...limits, underWay: 20 }],
    'account.failures': [undefined, 0, 1.5, '10', Infinity],
    'account.firstWaitSeconds': [undefined, 0, 0.5],
    'account.longestWaitSeconds': [undefined, 59],
    'account.forgetSeconds': [undefined, 3600],
    address: [undefined, [limits]],
    'address.failures': [0],
    'address.longestWaitSeconds': [59],
    'address.forgetSeconds': [3600],
    'address.underWay': [undefined, 0, 1.5],
    registration: [undefined, { ...limits, underWay: 20 }],
    'registration.forgetSeconds': [3600],
    knownSeconds: [undefined, 0, '1h', false],
    exempt: ['10.0.0.1', null],
    // Short for 0.0.0.10 and 10.0.0.1: they would exempt somebody else.
    'exempt.0': ['', 'localhost', '*', '300.0.0.1', '/8', ' 10.0.0.1', 10, '10', '10.1', '10.1/8'],
    'exempt.1': ['10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'fe80::/129', '::ffff:10.0.0.0/104'],
    cleanupSeconds: [0, 86_401, '5m'],
    failures: [10],
    exempts: [['10.0.0.1']],
  }
  for (const [key, values] of Object.entries(refused)) {
    it(`is refused with the key: ${key}`, () => {
      for (const value of values) {
        const error = errorOf(changed(key, value))
        expect(error.key === key || error.key.startsWith(`${key}.`), `${String(value)}: ${error.message}`).to.equal(
          true,
        )
      }
    })
  }
})

function errorOf(dna: object): DnaError {
  try {
    checkDna(throttleDna, dna)
  } catch (error) {
    if (error instanceof DnaError) return error
    throw error
  }
  return expect.fail(`accepted: ${JSON.stringify(dna)}`)
}

/** The good DNA with another value of a key. */
function changed(path: string, value: unknown): object {
  const dna: Record<string, unknown> = structuredClone(good)
  const [first = '', second] = path.split('.')
  if (second === undefined) dna[first] = value
  else if (first === 'exempt') dna[first] = second === '0' ? [value] : ['10.0.0.1', value]
  else dna[first] = { ...(dna[first] as object), [second]: value }
  return dna
}
