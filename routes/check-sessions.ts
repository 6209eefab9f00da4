/**
 * Stops the boot, with a message, if every request to these routes would fail.
 *
 * @throws {Error} if DNA has switched the sessions organelle off, or given it another name
 */
export function checkSessions(plasma: object): void {
  if (!('sessions' in plasma)) {
    throw new Error('this cell has no plasma.sessions: dna/plasma/sessions.json must be on, with the name "sessions"')
  }
}
