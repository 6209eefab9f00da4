/** `organic-sessions-cell/routes`: what route files are made of. */
export type { Routes } from '../routes/declarations'
export { guard, guarded, type GuardedRequest } from '../routes/guard'
