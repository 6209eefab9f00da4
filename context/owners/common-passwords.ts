import { dictionary } from '@zxcvbn-ts/language-common'
import { PASSWORD_LENGTH } from './passwords'

/** Those that are long enough to be anybody's here: about eighteen thousand, in small letters. */
const common = new Set(dictionary['passwords-common'].filter((password) => password.length >= PASSWORD_LENGTH.min))

/** Whether the password is among those that are guessed first, in whatever capitals (OWASP ASVS 6.2.4). */
export function isCommonPassword(password: string): boolean {
  return common.has(password.toLowerCase())
}
