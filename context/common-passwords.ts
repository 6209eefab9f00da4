import { PASSWORD_LENGTH } from './passwords'

let common: Set<string> | undefined

/** Whether the password is among those that are guessed first, in whatever capitals (OWASP ASVS 6.2.4). */
export function isCommonPassword(password: string): boolean {
  common ??= loadCommonPasswords()
  return common.has(password.toLowerCase())
}

/** About eighteen thousand, in small letters: those that are long enough. Loaded by the first new password, not by the boot. */
function loadCommonPasswords(): Set<string> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the boot does without it
  const { dictionary } = require('@zxcvbn-ts/language-common') as typeof import('@zxcvbn-ts/language-common')
  return new Set(dictionary['passwords-common'].filter((password) => password.length >= PASSWORD_LENGTH.min))
}
