import type { Express } from 'express'
import { DnaError } from './dna/error'

/** A chemical to react to: its type, or an object that it must match. */
export type Pattern = string | object

/** The patterns in a `reactOn`, which may be one or a list. */
export function patternsOf(reactOn: unknown): Pattern[] {
  const patterns: unknown[] = Array.isArray(reactOn) ? reactOn : [reactOn]
  return patterns.filter((pattern) => typeof pattern === 'string' || (typeof pattern === 'object' && pattern !== null))
}

/** The type of chemical that a pattern matches, or nothing if it matches any type. */
export function typeOf(pattern: Pattern): string | undefined {
  const type = typeof pattern === 'string' ? pattern : (pattern as { type?: unknown }).type
  return typeof type === 'string' ? type : undefined
}

/**
 * Calls `reaction` once, when chemicals that match all these patterns have been emitted or were stored. The plasma itself would
 * call it again whenever one of them is emitted again.
 *
 * @param reaction gets the chemicals in the order of the patterns
 */
export function onceAll(
  plasma: Organic.Plasma,
  patterns: Pattern[],
  reaction: (...chemicals: Organic.Chemical[]) => void,
): void {
  let called = false
  const once = (...chemicals: Organic.Chemical[]): void => {
    if (called) return
    called = true
    reaction(...chemicals)
  }
  if (patterns.length === 0) once()
  else plasma.on(patterns, once)
}

/**
 * Finds the Express application in the chemicals that an organelle has waited for.
 *
 * @throws {DnaError} if the server's ready chemical is not among them
 * @example react(plasma, dna, (...chemicals) => expressAppOf(chemicals).use(cors()))
 */
export function expressAppOf(chemicals: Organic.Chemical[]): Express {
  // DNA may give it another type.
  const ready = chemicals.find((chemical): chemical is Organic.Chemical<'ExpressServer'> => 'server' in chemical)
  if (typeof ready?.data !== 'function')
    throw new DnaError('reactOn', 'expected the ready chemical of the Express server among them')
  return ready.data
}

/**
 * Finds the HTTP servers in the chemicals that an organelle has waited for, each with its Express application as `data`.
 *
 * @throws {DnaError} if there is none
 */
export function serversOf(chemicals: Organic.Chemical[]): Organic.Chemical<'ExpressServer'>[] {
  const servers = chemicals.filter((chemical): chemical is Organic.Chemical<'ExpressServer'> => 'server' in chemical)
  if (servers.length === 0) expressAppOf(chemicals)
  return servers
}

/**
 * Does an organelle's part of the boot: waits for the chemicals of `dna.reactOn`, works, and stores the chemical of
 * `dna.emitReady` with the result as `data`. If the work fails, it emits `CellFailed { dna, error }`, which stops the boot.
 *
 * @param work gets the chemicals in the order of `dna.reactOn`
 * @example react(plasma, dna, () => Database.open(file)) // stores the chemical in `dna.emitReady`, with the database as `data`
 */
export function react(
  plasma: Organic.Plasma,
  dna: Organic.Dna,
  work: (...chemicals: Organic.Chemical[]) => unknown,
): void {
  const { reactOn, emitReady } = dna
  onceAll(plasma, patternsOf(reactOn), (...chemicals) => {
    // The executor runs at once, and turns what it throws into a rejection.
    const done = new Promise((resolve) => resolve(work(...chemicals)))
    done
      .then((data) => (typeof emitReady === 'string' ? plasma.store({ type: emitReady, data }) : undefined))
      .catch((error: unknown) => plasma.emit({ type: 'CellFailed', dna, error }))
  })
}
