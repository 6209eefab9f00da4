import type { RootHookObject } from 'mocha'
import { removeTemporaryFolders } from './temporary-folder'
import { endPostgres } from './postgres'
import { endProcesses } from './process'
import { endRedisServers } from './redis-server'

/** What no test leaves behind, also when it fails. */
export const mochaHooks: RootHookObject = {
  async afterAll() {
    await endProcesses()
    await endPostgres()
    await endRedisServers()
    removeTemporaryFolders()
  },
}
