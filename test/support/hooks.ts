import type { RootHookObject } from 'mocha'
import { removeTemporaryFolders } from './temporary-folder'
import { endProcesses } from './process'
import { endRedisServers } from './redis-server'

/** What no test leaves behind, also when it fails. */
export const mochaHooks: RootHookObject = {
  async afterAll() {
    await endProcesses()
    await endRedisServers()
    removeTemporaryFolders()
  },
}
