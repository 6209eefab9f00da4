import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '../../context/sql'
import * as testing from '../../package/testing'
import { ROOT } from './project'
import { temporaryFolder, writeFiles } from './temporary-folder'

/** A cell that runs in this process, its clients, and its open database. */
export type TestCell = testing.TestCell & { readonly database: Database }

/**
 * Starts a cell in this process, on a free port and data of its own.
 *
 * @param changes to its DNA
 * @param root this project, or a folder from {@link cellFolder}
 */
export async function startTestCell(changes: object = {}, root: string = ROOT, mode = '_test'): Promise<TestCell> {
  // Tests look at its data after it has stopped.
  const data = { folder: temporaryFolder() }
  const cell = await testing.startTestCell({ mode, changes: { data, ...changes }, root })
  return {
    ...cell,
    get database() {
      const { data } = cell.plasma.get({ type: 'Database' }) ?? {}
      if (!data) throw new Error('this cell has no database')
      return data
    },
  }
}

/**
 * The root of a cell of its own: this project's DNA, which files can change and add to. Code that is not among the files is
 * this project's.
 *
 * @param files by path: DNA, routes, organelles, models
 * @returns its absolute path, for {@link startTestCell}
 */
export function cellFolder(files: Record<string, unknown> = {}): string {
  const folder = temporaryFolder()
  cpSync(join(ROOT, 'dna'), join(folder, 'dna'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFiles(folder, files)
  return folder
}
