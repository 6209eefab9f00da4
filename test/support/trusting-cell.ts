import { startTestCell, type TestCell } from './cell'
import { temporaryFolder } from './temporary-folder'

/**
 * Starts a cell in this process that asks points of trust and also lets people register. Only one at a time.
 *
 * @param sessions DNA of its sessions organelle
 * @param plasma DNA of other organelles
 */
export function startTrustingCell(sessions: object, plasma: object = {}): Promise<TestCell> {
  const options = { registration: true, registrationBesideTrustPoint: true }
  return startTestCell({
    data: { folder: temporaryFolder() },
    plasma: { sessions, 'api-routes': { options }, ...plasma },
  })
}
