/** Browsers by a part of their `User-Agent`. Most of them also claim to be those further down. */
const BROWSERS: [part: RegExp, name: string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: [part: RegExp, name: string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

/** What a person recognizes a device by. */
export interface Device {
  /** As in `Firefox`, or the name of a program. */
  browser: string | undefined
  /** As in `Windows`. */
  system: string | undefined
}

/**
 * Reads a `User-Agent`, roughly: clients may claim anything.
 *
 * @example readDevice('curl/8.14.1') // { browser: 'curl', system: undefined }
 */
export function readDevice(agent: string | null): Device {
  const nameIn = (names: [RegExp, string][]): string | undefined => names.find(([part]) => part.test(agent ?? ''))?.[1]
  const program = /^[\w.-]{1,40}/.exec(agent ?? '')?.[0]
  const browser = nameIn(BROWSERS) ?? (program === 'Mozilla' ? undefined : program)
  return { browser, system: nameIn(SYSTEMS) }
}
