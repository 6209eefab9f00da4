import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import { checkDna, organelleDna, react, serversOf } from '../../context/cell'
import { answerWhileStarting } from '../../context/http/starting'
import { Parts } from './parts'

const healthDna = z.strictObject({
  ...organelleDna,
  timeout: z
    .int('expected whole milliseconds')
    .min(1)
    .max(10_000)
    .default(800)
    .describe('How long a part of the cell may take to answer, in milliseconds, before it counts as down.'),
})

/**
 * Tells balancers and supervisors how the cell is. `GET /health/live` is 200 as long as the process answers.
 * `GET /health/ready` is 200, and 503 while the cell starts, while it is about to stop, and while its database or its session
 * store does not answer. Neither needs a session: they are mounted before them, because express-sessions waits for `Health`.
 * They are mounted on every Express application among the chemicals of `reactOn`.
 *
 * @throws {DnaError}
 */
function health(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { timeout } = checkDna(healthDna, dna)
  const parts = new Parts(plasma, timeout)
  let phase: 'starting' | 'ready' | 'stopping' = 'starting'
  plasma.once('CellReady', () => {
    if (phase === 'starting') phase = 'ready'
  })
  for (const type of ['CellDraining', 'CellEnding']) {
    plasma.once(type, () => {
      phase = 'stopping'
    })
  }

  const sendLive = (_req: Request, res: Response): void => {
    send(res, 200, { status: 'live' })
  }
  const sendReady = (_req: Request, res: Response): void => {
    // Neither rejects.
    void parts.read().then(({ isUp, ...report }) => {
      const status = phase === 'ready' && !isUp ? 'unavailable' : phase
      send(res, status === 'ready' ? 200 : 503, { status, ...report })
    })
  }
  const handlers: Record<string, typeof sendLive> = { '/health/live': sendLive, '/health/ready': sendReady }
  const sendEarly: RequestHandler = (req, res, next) => {
    const handler = ['GET', 'HEAD'].includes(req.method) ? handlers[req.path] : undefined
    if (handler) handler(req, res)
    else next()
  }

  react(plasma, dna, (...chemicals) => {
    for (const { data: app } of serversOf(chemicals)) {
      for (const [path, handler] of Object.entries(handlers)) app.get(path, handler)
      answerWhileStarting(app, sendEarly)
    }
  })
}

function send(res: Response, status: number, body: object): void {
  res.set('Cache-Control', 'no-store').status(status).json(body)
}

health.dnaSchema = healthDna

export = health
