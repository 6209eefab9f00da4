/** `organic-sessions-cell/cell`: starts a cell, and has what its organelles, routes and owner models need. */
import { loadWithPackages } from '../context/cell/optional-packages'

/* eslint-disable @typescript-eslint/no-require-imports -- a missing package gets a message of its own */
const cell = loadWithPackages(() => require('../cell') as typeof import('../cell'))
const sql = loadWithPackages(() => require('../context/sql') as typeof import('../context/sql'))
/* eslint-enable @typescript-eslint/no-require-imports */

export const { runCell, startCell } = cell
export const { databaseOf } = sql
export const Cell = cell.StemCell
export type Cell = InstanceType<typeof Cell>
export type { Cell as RunningCell, CellOptions } from '../cell'
export * from '../context/cell'

// Types of chemicals that the cell's organelles emit.
export type {} from '../context/redis'
export type {} from '../context/sql'
export type {} from '../plasma/sessions/authentication'
export type {} from '../plasma/throttle'
