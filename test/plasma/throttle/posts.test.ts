import { createServer } from 'node:http'
import { expect } from 'chai'
import express, { type Express } from 'express'
import type { DnaError } from '../../../context/cell'
import { EventBus } from '../../../context/cell/event-bus'
import throttle from '../../../plasma/throttle'
import { LIMITS } from '../../support/throttled-cell'
import { keepWarnings } from '../../support/warnings'

type Mount = (app: Express) => unknown
const { Router } = express
const handler = (): void => undefined
const login: Mount = (app) => app.post('/api/login', handler)
const nothing: Mount = () => undefined

describe('the routes of a throttle', () => {
  const warnings = keepWarnings()

  /** Boots a throttle on an application. @returns what stops the boot */
  async function boot(after: Mount, before = nothing, changes: object = {}): Promise<DnaError | undefined> {
    const plasma = new EventBus()
    Object.assign(plasma, { sessions: { ownerModel: { kind: { nameKey: 'username' } } } })
    const app = express()
    let failure: DnaError | undefined
    const dna = {
      reactOn: 'ExpressServer',
      emitReady: 'Throttle',
      mount: '/api',
      routes: { '/login': 'credentials' },
      nameFields: { username: true },
      ...LIMITS,
      ...changes,
    }
    plasma.on('CellFailed', (failed) => {
      if (failed.dna === dna) failure = failed.error as DnaError
    })
    before(app)
    throttle(plasma, dna)
    await plasma.store({ type: 'ExpressServer', data: app, server: createServer(app) })
    after(app)
    await plasma.store('CellAssembled')
    await plasma.emit('kill')
    return failure
  }

  const found: Record<string, Mount> = {
    'its URL in capitals': (app) => app.post('/API/login', handler),
    'one of several URLs': (app) => app.post(['/v1/login', '/api/login'], handler),
    'a parameter': (app) => app.post('/:version/login', handler),
    'an expression': (app) => app.post(/^\/api\/login/, handler),
    'all methods': (app) => app.all('/api/login', handler),
    'all methods in a router': (app) => app.use('/api', Router().all('/login', handler)),
    'routers in routers': (app) => app.use(Router().use('/api', Router().post('/login', handler))),
  }
  for (const [what, mount] of Object.entries(found)) {
    it(`find what answers them: ${what}`, async () => {
      expect(await boot(mount)).to.equal(undefined)
    })
  }

  const missing: Record<string, [after: Mount, before?: Mount]> = {
    nothing: [nothing],
    'another method': [(app) => app.get('/api/login', handler)],
    'a guard': [(app) => app.all(['/api', '/api/*'], handler)],
    'a middleware': [(app) => app.use('/api/login', handler)],
    'another router': [(app) => app.use('/v1', Router().post('/login', handler))],
    'a route before the throttle': [nothing, login],
  }
  for (const [what, [after, before]] of Object.entries(missing)) {
    it(`stop the boot if nothing answers them but ${what}`, async () => {
      const error = await boot(after, before)
      expect(error).to.include({ name: 'DnaError', key: 'routes./login' })
      expect(error?.message).to.match(
        /no route answers POST \/api\/login \(mounted for POST: (nothing|\/(api|v1)\/login)\)/,
      )
    })
  }

  const open: [url: string, after: Mount, before?: Mount][] = [
    ['/v1/login', (app) => app.post(['/api/login', '/v1/login'], handler)],
    ['/login', (app) => app.post('/login', handler)],
    ['/members/sign-in', (app) => app.use('/members', Router().post('/sign-in', handler))],
    ['/:version/login', (app) => app.post('/:version/login', handler)],
    ['/api/login', nothing, login],
  ]
  for (const [url, after, before] of open) {
    it(`warn of a login that none of them guards: ${url}${before ? ', before them' : ''}`, async () => {
      expect(await boot((app) => [login(app), after(app)], before)).to.equal(undefined)
      expect(warnings).to.deep.equal([`POST ${url} is not throttled: add it to routes in dna/plasma/throttle.json`])
    })
  }

  for (const kind of ['owner', 'registration']) {
    it(`stop the boot if a login is said to be something else: ${kind}`, async () => {
      expect(await boot(login, nothing, { routes: { '/login': kind } })).to.include({ key: 'routes./login' })
    })
  }

  it('warn if no field is the name by which the owner model knows its owners', async () => {
    expect(await boot(login, nothing, { nameFields: { username: false, email: true } })).to.equal(undefined)
    expect(warnings.join()).to.contain('set "username" to true in nameFields')
    await boot(login)
    expect(warnings).to.have.length(1)
  })
})
