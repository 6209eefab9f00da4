import { DUMMY_HASH } from '../context/owners/passwords'
import { Load } from './load'
import { measureRound } from './measure'
import type { LoginRound } from './results'
import { loginsOf, type Server } from './server'

const LEAD = 0.25
/** Logins, or verifications of passwords, that are under way at once. */
const CONNECTIONS = 8
/** Logins under way at once while guarded requests are measured. */
const STORM = 32
/** Milliseconds between the guarded requests of a connection: without a pause, the cell would be busy without any login. */
const PAUSE = 20

/** How logins are measured. */
export interface LoginOptions {
  rounds: number
  seconds: number
  report: (progress: string) => void
}

/**
 * Measures logins beside the raw rate of the same hashes, and guarded requests with and without a storm of logins.
 *
 * @param server a cell on all cores, because passwords are hashed on several threads
 */
export async function measureLogins(
  { address, clients }: Server,
  { rounds, seconds, report }: LoginOptions,
): Promise<LoginRound[]> {
  const [load, logins] = [new Load(), new Load()]
  const round = { servers: [], stores: [], leadSeconds: LEAD, seconds }
  const hashing = { passwordHash: DUMMY_HASH, connections: CONNECTIONS }
  const loggingIn = { addresses: [address], connections: CONNECTIONS, path: '/api/login', clients: loginsOf() }
  const reading = { ...loggingIn, path: '/api/me', clients, pause: PAUSE }
  const results: LoginRound[] = []
  try {
    // The first one warms up.
    for (let index = 0; index <= rounds; index += 1) {
      report(`logins: round ${index} of ${rounds}`)
      const raw = await measureRound(load, hashing, round)
      const alone = await measureRound(load, loggingIn, round)
      const quiet = await measureRound(load, reading, round)
      logins.start({ ...loggingIn, connections: STORM })
      const storm = await measureRound(load, reading, round)
      // Checks the answers.
      await logins.lap()
      await logins.stop()
      if (index > 0) results.push({ logins: alone.perSecond, raw: raw.perSecond, quiet: quiet.p99, storm: storm.p99 })
    }
  } finally {
    load.close()
    logins.close()
  }
  return results
}
