/** `organic-sessions-cell/routes`: what route files are made of. */
import { loadWithPackages } from '../context/cell/optional-packages'

/* eslint-disable @typescript-eslint/no-require-imports -- a missing package gets a message of its own */
const pages = loadWithPackages(() => require('../context/pages') as typeof import('../context/pages'))
/* eslint-enable @typescript-eslint/no-require-imports */

export const { pagesOf } = pages
export { staticUrl } from '../context/http/static-files'
export type { Routes } from '../routes/declarations'
export { guard, guarded, type GuardedRequest } from '../routes/guard'
