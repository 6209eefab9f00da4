import { config } from 'chai'
import type { RootHookObject } from 'mocha'
import { removeTemporaryFolders } from './temporary-folder'
import { endPostgres } from './postgres'
import { endProcesses } from './process'
import { endRedisServers } from './redis-server'

// A failure on another machine must say all that it can.
config.truncateThreshold = 0

// Mocha gives its processes a second to end, and then kills them. Writing down what they have covered can take longer.
if (process.env['NODE_V8_COVERAGE']) process.on('SIGTERM', () => undefined)

/** What no test leaves behind, also when it fails. */
export const mochaHooks: RootHookObject = {
  async afterAll() {
    await endProcesses()
    await endPostgres()
    await endRedisServers()
    removeTemporaryFolders()
  },
}
