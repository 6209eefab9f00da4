import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary-folder'

/** A line of the audit log, parsed. */
export type AuditLine = Record<string, unknown> & { event: string; outcome: string }

/** An audit log in a file of its own. */
export class AuditLog {
  constructor(readonly file = join(temporaryFolder(), 'audit.log')) {}

  /** As written. */
  get text(): string {
    return existsSync(this.file) ? readFileSync(this.file, 'utf8') : ''
  }

  /** Every line, parsed. @throws {Error} as {@link parseLines} */
  get lines(): AuditLine[] {
    return parseLines(this.text)
  }

  /** The lines that some work adds. */
  async during(work: () => unknown): Promise<AuditLine[]> {
    const before = this.lines.length
    await work()
    return this.lines.slice(before)
  }
}

/** @throws {Error} unless each line is complete and one JSON object */
export function parseLines(text: string): AuditLine[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end')
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line) => {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new Error(`a line is no object: ${line}`)
    return parsed as AuditLine
  })
}
