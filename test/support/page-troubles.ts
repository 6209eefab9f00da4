import type { Page } from 'playwright-core'

const TELL = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('violation of ' + violatedDirective + ' by ' + blockedURI)
})`

/** What a page complains of, from now on: errors and warnings on its console, uncaught errors, violations of its policy. */
export async function keepTroubles(page: Page): Promise<string[]> {
  const troubles: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(message.text())
  })
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('requestfailed', (request) => troubles.push(`${request.url()}: ${request.failure()?.errorText ?? ''}`))
  await page.addInitScript(TELL)
  return troubles
}
