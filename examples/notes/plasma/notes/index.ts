import { randomUUID } from 'node:crypto'
import { Problem, checkDna, clockOf, databaseOf, emitEvent, organelleDna, react } from 'organic-sessions-cell/cell'
import { z } from 'zod'

interface NoteRow {
  id: string
  owner_id: string
  text: string
  written_at: number
}

/** The notes of all owners. */
interface Notes {
  /** The newest first. */
  list(ownerId: string): Promise<Pick<NoteRow, 'id' | 'text'>[]>
  /**
   * @returns the note's id
   * @throws {Problem} 400 for a text that is no string, empty, too long or has a NUL
   */
  write(ownerId: string, text: unknown): Promise<string>
  /** @returns whether the owner had such a note */
  remove(ownerId: string, id: string): Promise<boolean>
}

declare global {
  namespace Organic {
    interface Tables {
      notes: NoteRow
    }
    interface Plasma {
      notes: Notes
    }
    interface Chemicals {
      NoteWritten: { ownerId: string; id: string }
    }
  }
}

const notesDna = z.strictObject({
  ...organelleDna,
  maxLength: z.int().min(1).default(1000).describe('The longest note, in characters.'),
})

/** Keeps notes in a table, each for its owner alone. */
function notes(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { maxLength } = checkDna(notesDna, dna)
  const database = databaseOf(plasma)

  react(plasma, dna, () => {
    plasma.notes = {
      list: (ownerId) =>
        database()
          .query.selectFrom('notes')
          .select(['id', 'text'])
          .where('owner_id', '=', ownerId)
          .orderBy('written_at', 'desc')
          .execute(),

      async write(ownerId, text) {
        // No database keeps a NUL.
        if (typeof text !== 'string' || text.trim() === '' || text.length > maxLength || text.includes('\0'))
          throw new Problem(400, 'INVALID_NOTE', `A note has 1 to ${maxLength} characters.`)
        const note = { id: randomUUID(), owner_id: ownerId, text, written_at: clockOf(plasma).now() }
        await database().query.insertInto('notes').values(note).execute()
        emitEvent(plasma, { type: 'NoteWritten', ownerId, id: note.id })
        return note.id
      },

      async remove(ownerId, id) {
        const { numDeletedRows } = await database()
          .query.deleteFrom('notes')
          .where('id', '=', id)
          .where('owner_id', '=', ownerId)
          .executeTakeFirst()
        return numDeletedRows > 0n
      },
    }
  })
}

notes.dnaSchema = notesDna

export = notes
