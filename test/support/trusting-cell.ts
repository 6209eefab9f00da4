import { startTestCell, type TestCell } from './cell'

/** Starts a cell in this process that asks trust points and also lets people register. @param sessions DNA of its organelle */
export function startTrustingCell(sessions: object): Promise<TestCell> {
  const options = { registration: true, registrationBesideTrustPoint: true }
  return startTestCell({ plasma: { sessions, 'api-routes': { options } } })
}
