import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CellOptions, RunningCell } from '../cell'
import { startCell } from '../cell'
import { Client } from './client'

/** A cell that runs in the process of its tests. */
export type TestCell = RunningCell & {
  /** A client without cookies. */
  readonly client: () => Client
}

/**
 * Starts a cell for a test, on data of its own, which are deleted when the test stops it. Its DNA needs a mode `_test` in
 * which the server's `port` is 0, and files below `@{data.folder}`. With a `data` of its own in the `changes`, it uses that.
 *
 * @param options the mode is `_test` unless they say otherwise
 * @example
 * const cell = await startTestCell({ root: join(__dirname, '..') })
 * const client = cell.client()
 * await client.registerAndLogIn()
 * await cell.stop()
 */
export async function startTestCell({ changes = {}, ...options }: CellOptions = {}): Promise<TestCell> {
  const folder = 'data' in changes ? undefined : temporaryFolder()
  const removeData = (): void => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const changed = folder === undefined ? changes : { ...changes, data: { folder } }
    const cell = await startCell({ mode: '_test', ...options, changes: changed })
    const stop = (): Promise<void> => cell.stop().finally(removeData)
    return { ...cell, stop, client: () => new Client(cell.address ?? '') }
  } catch (error) {
    removeData()
    throw error
  }
}

function temporaryFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'organic-cell-'))
}
