import type { Page } from 'playwright-core'

const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('violation of ' + violatedDirective + ' by ' + blockedURI)
})`

/** Collects a page's console errors and warnings, uncaught errors, failed requests and policy violations from now on. */
export async function keepTroubles(page: Page): Promise<string[]> {
  const troubles: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`))
  await page.addInitScript(REPORT_VIOLATIONS)
  return troubles
}
