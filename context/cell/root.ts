import { resolve } from 'node:path'

/**
 * Resolves a path in DNA, relative to the cell's root folder.
 *
 * @returns an absolute path
 * @example readFileSync(resolvePath(plasma, dna.certificateFile))
 */
export function resolvePath(plasma: Organic.Plasma, path: string): string {
  // If the plasma is not a cell's, paths are relative to the working directory.
  return resolve(plasma.get({ type: 'CellRoot' })?.data ?? '', path)
}
