import { createServer } from 'node:http'
import { expect } from 'chai'
import express, { type Express } from 'express'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import throttle from '../../../plasma/throttle'
import { startTestCell } from '../../support/cell'
import { rejectionOf } from '../../support/rejection'
import { FREE, LIMITS, startThrottledCell } from '../../support/throttled-cell'
import { keepWarnings } from '../../support/warnings'

describe('the routes of a throttle', () => {
  const warnings = keepWarnings()

  for (const mount of ['/v2/api', '/v1']) {
    it(`follow the API to ${mount}`, async () => {
      const cell = await startThrottledCell({}, { 'api-routes': { mount } })
      try {
        const from = cell.stranger()
        const statuses: number[] = []
        for (let count = 0; count < FREE.account + 1; count += 1) {
          statuses.push((await from.post(`${mount}/login`, { username: 'ada', password: 'a wrong guess' })).status)
        }
        expect(statuses).to.deep.equal([401, 401, 401, 429])
      } finally {
        await cell.stop()
      }
      expect(warnings).to.deep.equal([])
    })
  }

  const blunt: [what: string, dna: object][] = [
    ['that judges a login as something of a logged in owner', { routes: { '/login': 'owner' } }],
    ['that judges a login as a registration', { routes: { '/login': 'registration' } }],
    ['that looks for names in other fields than the owner model has', { nameFields: { username: false, email: true } }],
  ]
  for (const [what, dna] of blunt) {
    it(`leave no account open in silence: DNA ${what} stops the boot, or warns`, async () => {
      const started = await startTestCell({ plasma: { throttle: dna } }).catch((error: unknown) => String(error))
      if (typeof started !== 'string') await started.stop()
      expect(typeof started === 'string' ? started : warnings.join()).to.match(/throttle/)
    })
  }

  it('stop the boot where nothing answers: a typo leaves no login open', async () => {
    const changes = { plasma: { throttle: { routes: { '/login': false, '/logn': 'credentials' } } } }
    const { message } = await rejectionOf(() => startTestCell(changes))
    expect(message).to.match(
      /dna\/plasma\/throttle\.json.*: routes\.\/logn: no route answers POST \/api\/logn \(mounted for POST: .*\/api\/login.*\)/,
    )
  })

  it('stop the boot where the API is switched off', async () => {
    const { message } = await rejectionOf(() => startTestCell({ plasma: { 'api-routes': false } }))
    expect(message).to.match(/dna\/plasma\/throttle\.json.*: mount: .*plasma\.api-routes\.mount/)
  })

  /** Builds a throttle on an application, and mounts routes before and after it. @returns what stops the boot */
  async function mounted(
    after: (app: Express) => unknown,
    before: (app: Express) => unknown = () => undefined,
  ): Promise<DnaError | undefined> {
    const plasma = new EventBus()
    const app = express()
    let failure: DnaError | undefined
    plasma.on('CellFailed', ({ error }: Organic.Chemical) => (failure = error as DnaError))
    before(app)
    throttle(plasma, {
      reactOn: 'ExpressServer',
      emitReady: 'Throttle',
      mount: '/api',
      routes: { '/login': 'credentials' },
      nameFields: { username: true },
      ...LIMITS,
    })
    await plasma.store({ type: 'ExpressServer', data: app, server: createServer(app) })
    after(app)
    await plasma.store('CellAssembled')
    await plasma.emit('kill')
    return failure
  }

  const found: [what: string, after: (app: Express) => unknown][] = [
    ['by its URL, in capitals or not', (app) => app.post('/API/login', () => undefined)],
    ['by one of several URLs', (app) => app.post(['/v1/login', '/api/login'], () => undefined)],
    ['with a parameter', (app) => app.post('/:version/login', () => undefined)],
    ['by an expression', (app) => app.post(/^\/api\/login/, () => undefined)],
    ['for any method', (app) => app.all('/api/login', () => undefined)],
    [
      'in a router',
      (app) =>
        app.use(
          '/api',
          express.Router().post('/login', () => undefined),
        ),
    ],
    [
      'in a router within one',
      (app) =>
        app.use(
          express.Router().use(
            '/api',
            express.Router().post('/login', () => undefined),
          ),
        ),
    ],
  ]
  for (const [what, after] of found) {
    it(`find what answers them ${what}`, async () => {
      expect(await mounted(after)).to.equal(undefined)
    })
  }

  const missing: [what: string, after: (app: Express) => unknown, before?: (app: Express) => unknown][] = [
    ['nothing', () => undefined],
    ['another method', (app) => app.get('/api/login', () => undefined)],
    ['a guard', (app) => app.all(['/api', '/api/*'], () => undefined)],
    ['a middleware', (app) => app.use('/api/login', () => undefined)],
    [
      'another router',
      (app) =>
        app.use(
          '/v1',
          express.Router().post('/login', () => undefined),
        ),
    ],
    ['a route that comes before the throttle', () => undefined, (app) => app.post('/api/login', () => undefined)],
  ]
  for (const [what, after, before] of missing) {
    it(`take for no answer ${what}`, async () => {
      expect(await mounted(after, before)).to.include({ name: 'DnaError', key: 'routes./login' })
    })
  }

  const open: [url: string, after: (app: Express) => unknown, before?: (app: Express) => unknown][] = [
    ['/v1/login', (app) => app.post('/v1/login', () => undefined)],
    ['/login', (app) => app.post('/login', () => undefined)],
    ['/members/sign-in', (app) => app.post('/members/sign-in', () => undefined)],
    [
      '/v1/login',
      (app) =>
        app.use(
          '/v1',
          express.Router().post('/login', () => undefined),
        ),
    ],
    ['/:version/login', (app) => app.post('/:version/login', () => undefined)],
    ['/api/login', () => undefined, (app) => app.post('/api/login', () => undefined)],
  ]
  for (const [url, after, before] of open) {
    it(`are missed at the boot by a login that none of them guards: ${url}${before ? ', before them' : ''}`, async () => {
      await mounted((app) => [app.post('/api/login', () => undefined), after(app)], before)
      expect(warnings.join()).to.contain(`POST ${url} is not throttled`)
    })
  }
})
