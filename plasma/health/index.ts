import type { RequestHandler } from 'express'
import { checkDna, expressAppOf, organelleDna, react } from '../../context/cell'
import { z } from 'zod'

/**
 * Tells balancers and supervisors how the cell is. `GET /health/live` is 200 as long as the process answers.
 * `GET /health/ready` is 200, and 503 once the cell is about to stop. Neither needs a session.
 *
 * @throws {DnaError}
 */
function health(plasma: Organic.Plasma, dna: Organic.Dna): void {
  checkDna(health.dnaSchema, dna)
  react(plasma, dna, (...chemicals) => {
    let isReady = true
    plasma.once('CellDraining', () => {
      isReady = false
    })
    plasma.once('CellEnding', () => {
      isReady = false
    })
    expressAppOf(chemicals)
      .get(
        '/health/live',
        answer(() => true, 'live'),
      )
      .get(
        '/health/ready',
        answer(() => isReady, 'ready'),
      )
  })
}

function answer(isWell: () => boolean, status: string): RequestHandler {
  return function health(_req, res) {
    res.set('Cache-Control', 'no-store')
    if (isWell()) res.json({ status })
    else res.status(503).json({ status: 'stopping' })
  }
}

health.dnaSchema = z.strictObject({
  source: organelleDna.source,
  reactOn: organelleDna.reactOn,
  emitReady: organelleDna.emitReady,
})

export = health
