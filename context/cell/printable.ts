/** Characters of a fact in a log line. */
const MAX_LENGTH = 256

/** Replaces characters that could break a log line, or hide text on a screen (OWASP ASVS 16.4.1), and cuts what is too long. */
export function printable(value: unknown): string {
  return String(value)
    .slice(0, MAX_LENGTH)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd')
}
