import { startTestCell, type TestCell } from './cell'

/**
 * Starts a cell in this process that asks trust points and also lets people register.
 *
 * @param sessions DNA of its sessions organelle
 * @param plasma DNA of other organelles
 */
export function startTrustingCell(sessions: object, plasma: object = {}): Promise<TestCell> {
  const options = { registration: true, registrationBesideTrustPoint: true }
  return startTestCell({
    plasma: { sessions, 'api-routes': { options }, ...plasma },
  })
}
