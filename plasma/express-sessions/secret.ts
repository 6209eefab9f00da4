import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * The secret in a file that only its owner can read. Made on the first run, whole or not at all, also when two
 * processes begin at once.
 *
 * @throws {Error} when the file cannot be made or read, others can read it too, or its secret is too short
 */
export function keptSecret(file: string): string {
  return read(file) ?? make(file)
}

function read(file: string): string | undefined {
  let secret: string
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new Error(`${file} can be read by others: chmod 600 it, or delete it to have a new one made`)
  }
  if (secret.length < 32)
    throw new Error(`the secret in ${file} has fewer than 32 characters: delete it to have a new one made`)
  return secret
}

function make(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const secret = read(file)
  if (secret === undefined) throw new Error(`${file} was deleted while it was made`)
  return secret
}
