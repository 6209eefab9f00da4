import { join } from 'node:path'
import { CellProcess } from '../test/support/process'
import { temporaryFolder } from '../test/support/temporary-folder'
import { START_BUILD, START_SOURCES, type CellBuild } from './cell-build'
import { HttpConnection, requestOf } from './http-connection'
import type { BootResults } from './results'

/** Something to boot. */
interface Bootable extends BootResults {
  folder: string
  env: Record<string, string>
  command: string[]
  path: string
}

/** Boots an Express app, the build and `npm start` in turns, until each has answered a request. The first is what the others are compared with. */
export async function measureBoots(
  build: CellBuild,
  rounds: number,
  report: (progress: string) => void,
): Promise<BootResults[]> {
  const env = { CELL_MODE: '_test', NODE_ENV: 'production' }
  const hello = [process.execPath, join(__dirname, 'contenders/hello.cjs')]
  const cell = (name: string, label: string, command: string[]): Bootable => {
    // Data of its own, which it finds again at the next boot.
    return {
      name,
      label,
      folder: build(),
      env: { ...env, CELL_DATA: `data-${name}` },
      command,
      path: '/api/me',
      times: [],
    }
  }
  const bootables: Bootable[] = [
    {
      name: 'hello',
      label: 'Express, hello world',
      folder: temporaryFolder(),
      env,
      command: hello,
      path: '/',
      times: [],
    },
    cell('build', 'this cell', START_BUILD),
    cell('start', 'this cell, `npm start`', START_SOURCES),
  ]
  // The first one fills caches and creates databases.
  for (let round = 0; round <= rounds; round += 1) {
    report(`boots: round ${round} of ${rounds}`)
    for (const bootable of bootables) {
      const time = await boot(bootable)
      if (round > 0) bootable.times.push(time)
    }
  }
  return bootables.map(({ name, label, times }) => ({ name, label, times }))
}

/** @returns milliseconds until the first answer */
async function boot({ folder, env, command, path }: Bootable): Promise<number> {
  const startedAt = performance.now()
  const server = new CellProcess(folder, env, command)
  const connection = new HttpConnection(await server.ready())
  await connection.send(requestOf({ path, cookie: '' }))
  const time = performance.now() - startedAt
  connection.close()
  await server.end()
  return time
}
