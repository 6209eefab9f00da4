import type { Round } from './measure'

/** What `npm run bench` has measured. Round by round, in the same order everywhere. */
export interface Results {
  /** The machine, the versions and the options, in lines. */
  setting: string[]
  requests: RequestResults[]
  logins?: LoginRound[]
  boots?: BootResults[]
  memory?: MemoryResults[]
}

/** Guarded requests at one contender. */
export interface RequestResults {
  name: string
  label: string
  storage: string
  rounds: Round[]
}

/** Logins at the cell, and guarded requests beside them. */
export interface LoginRound {
  /** Logins per second. */
  logins: number
  /** Verifications of a password per second, without the cell. */
  raw: number
  /** p99 of guarded requests in ms, when nobody logs in. */
  quiet: number
  /** The same while everybody logs in. */
  storm: number
}

/** Milliseconds from the start of a process to its first answer, of each boot. */
export interface BootResults {
  name: string
  label: string
  times: number[]
}

/** Resident size in MiB. */
export interface MemoryResults {
  name: string
  label: string
  /** How many requests came before each of the two. */
  requests: number
  first: number
  second: number
}
