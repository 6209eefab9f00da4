import { z } from 'zod'
import { checkDna, expressAppOf, organelleDna, react } from '../../context/cell'

/**
 * Tells balancers and supervisors how the cell is. `GET /health/live` is 200 as long as the process answers.
 * `GET /health/ready` is 200, and 503 once the cell is about to stop. It does not ask the database or Redis: all cells share
 * them, so a balancer would take out every cell. Neither needs a session: they are
 * mounted before them, because express-sessions waits for `Health`.
 *
 * @throws {DnaError}
 */
function health(plasma: Organic.Plasma, dna: Organic.Dna): void {
  checkDna(health.dnaSchema, dna)
  react(plasma, dna, (...chemicals) => {
    let isReady = true
    for (const type of ['CellDraining', 'CellEnding']) {
      plasma.once(type, () => {
        isReady = false
      })
    }
    expressAppOf(chemicals)
      .get('/health/live', function sendLive(_req, res) {
        res.set('Cache-Control', 'no-store').json({ status: 'live' })
      })
      .get('/health/ready', function sendReady(_req, res) {
        res.set('Cache-Control', 'no-store').status(isReady ? 200 : 503)
        res.json({ status: isReady ? 'ready' : 'stopping' })
      })
  })
}

health.dnaSchema = z
  .strictObject(organelleDna)
  .describe('Answers /health/live and /health/ready, for balancers and supervisors.')

export = health
