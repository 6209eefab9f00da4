/** `organic-sessions-cell/routes`: what route files are made of. */
export type { Routes } from '../routes/declarations'
