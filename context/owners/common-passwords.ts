import { dictionary } from '@zxcvbn-ts/language-common'
import { PASSWORD_LENGTH } from './passwords'

/** About 18,000 common passwords that are long enough to be accepted otherwise, in lower case. */
const common = new Set(dictionary['passwords-common'].filter((password) => password.length >= PASSWORD_LENGTH.min))

/** Whether this is one of the most common passwords, in any case (OWASP ASVS 6.2.4). */
export function isCommonPassword(password: string): boolean {
  return common.has(password.toLowerCase())
}
