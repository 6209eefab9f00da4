import { EventBus } from '../../context/cell/event-bus'
import organelle from '../../plasma/sessions'
import type { Sessions } from '../../plasma/sessions/session-api'
import type { MemoryOwner } from './memory-owners'

/** What the organelle puts on a plasma, for owners and credentials of any shape. */
export type AnySessions = Sessions<MemoryOwner, Record<string, unknown>>

/** A sessions organelle on a plasma of its own, and every chemical that it emits. */
export interface BuiltSessions {
  plasma: Organic.Plasma
  sessions: AnySessions
  chemicals: Organic.Chemical[]
}

/** @param dna its name is `sessions` unless it says otherwise */
export function buildSessions(dna: Organic.Dna): BuiltSessions {
  const plasma: Organic.Plasma = new EventBus()
  const chemicals: Organic.Chemical[] = []
  plasma.pipe((chemical) => chemicals.push(chemical))
  const named = { name: 'sessions', ...dna }
  organelle(plasma, named)
  return { plasma, sessions: Reflect.get(plasma, named.name) as AnySessions, chemicals }
}
