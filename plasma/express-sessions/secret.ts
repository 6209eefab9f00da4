import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Reads the secret in a file, or creates the file, which only its owner can read. Processes that start at once get the same
 * secret, and none reads half of one.
 *
 * @param file absolute path
 * @returns at least 32 characters
 * @throws {Error} if the file cannot be created or read, if others can read it too, or if its secret is too short
 */
export function readOrCreateSecret(file: string): string {
  return readSecret(file) ?? createSecret(file)
}

function readSecret(file: string): string | undefined {
  let secret: string
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
    throw new Error(`${file} can be read by others: chmod 600 it, or delete it to create a new one`)
  if (secret.length < 32)
    throw new Error(`the secret in ${file} has fewer than 32 characters: delete the file to create a new one`)
  return secret
}

function createSecret(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(draft, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
    linkSync(draft, file)
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  const secret = readSecret(file)
  if (secret === undefined) throw new Error(`${file} was deleted while it was being created`)
  return secret
}
