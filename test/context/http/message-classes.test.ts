import { expect } from 'chai'
import express from 'express'
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventBus } from '../../../context/cell/event-bus'
import expressApp from '../../../context/http/express-app'
import { createMessageClasses } from '../../../context/http/message-classes'

describe('requests and responses', () => {
  it('have the prototypes of the Express app from the start, so that it need not change them', async () => {
    const plasma = new EventBus()
    const app = await new Promise<express.Express>((resolve) => {
      expressApp(plasma, { port: 0 }, (_error, app) => resolve(app))
      void plasma.store('CellBuilt')
    })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const prototypes: unknown[] = []
    // Before Express gets them.
    server.prependListener('request', (...messages: object[]) =>
      prototypes.push(...messages.map(Object.getPrototypeOf)),
    )
    const arrived = once(server, 'request')
    get({ port: (server.address() as AddressInfo).port }).on('error', () => undefined)
    await arrived
    server.closeAllConnections()
    server.close()
    expect(prototypes[0]).to.equal(app.request)
    expect(prototypes[1]).to.equal(app.response)
  })

  it('have what Express and their application give them', async () => {
    const app = express()
    app.locals['greeting'] = 'hello'
    app.get('/', (req, res) => void res.json([req.app.locals['greeting'], req.query, res.app === app]))
    const server = createServer(createMessageClasses(app), app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/?a=b`)
    server.close()
    expect(await answer.json()).to.deep.equal(['hello', { a: 'b' }, true])
  })
})
