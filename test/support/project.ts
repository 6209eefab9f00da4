import { cpSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { temporaryFolder, writeFiles } from './temporary-folder'

/** Absolute path of this project. */
export const ROOT = resolve(__dirname, '../..')
const PARTS = [
  'cell.ts',
  'context',
  'dna',
  'package',
  'package.json',
  'plasma',
  'routes',
  'tsconfig.json',
  'tsconfig.build.json',
]

/**
 * A copy of this project, as a user has it, to edit and to run.
 *
 * @param files written over the copy
 * @param name of its folder
 * @returns its absolute path
 */
export function copyProject(files: Record<string, unknown> = {}, name = 'project'): string {
  const folder = join(temporaryFolder(), name)
  for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFiles(folder, files)
  return folder
}
